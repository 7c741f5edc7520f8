// What the system wrote and stands together is folded, as the server folds it, also when it comes one by one.
const FROM = 3;

export function foldRuns(list, { foldedFew, foldedMany }) {
  let run = [];
  for (const item of [...list.children, null]) {
    if (item?.matches(".quiet, .fold")) {
      run.push(item);
      continue;
    }
    const lines = run.flatMap((one) => (one.matches(".fold") ? [...one.querySelectorAll(".quiet")] : [one]));
    const fold = run.find((one) => one.matches(".fold"));
    if (run.length > 1 && lines.length >= FROM) join(run, lines, fold, foldedFew, foldedMany);
    run = [];
  }
}

function join(run, lines, known, few, many) {
  const fold = known ?? made();
  const [newest] = lines;
  run[0].before(fold);
  for (const one of run) if (one !== fold) one.remove();
  fold.querySelector("ol").replaceChildren(...lines);
  fold.dataset.at = newest.dataset.at;
  fold.dataset.id = newest.dataset.id;
  fold.querySelector(".when").textContent = newest.querySelector("time").textContent;
  fold.querySelector("[data-folds]").textContent = (lines.length < 5 ? few : many).replace(/\d+/, lines.length);
  // It is seen that there is something new in it.
  if (lines.some((line) => line.matches(".fresh"))) fold.classList.add("fresh");
}

const made = () => document.getElementById("fold").content.firstElementChild.cloneNode(true);
