// What the pages of webhooks can do beyond HTML.

// All or none of a group of checkboxes.
for (const group of document.querySelectorAll("[data-group]")) {
  const boxes = [...group.querySelectorAll("[type=checkbox]")];
  const button = group.querySelector("[data-all]");
  const name = () => {
    button.textContent = boxes.every((box) => box.checked) ? button.dataset.none : button.dataset.all;
    button.setAttribute("aria-label", `${button.textContent}: ${button.dataset.of}`);
  };
  button.hidden = false;
  button.addEventListener("click", () => {
    const wanted = !boxes.every((box) => box.checked);
    for (const box of boxes) box.checked = wanted;
    name();
  });
  group.addEventListener("change", name);
  name();
}

// While something of what is shown is under way, the page is asked for again, ever more seldom, and what has changed in
// it takes its place. What the focus is in stays as it is until it has gone on.
const FIRST = 400;
const LONGEST = 15000;
let pause = FIRST;

function follow() {
  for (const link of document.querySelectorAll("[data-reload]")) link.hidden = true;
  if (document.querySelector("[data-waiting]")) setTimeout(look, (pause = Math.min(pause * 1.3, LONGEST)));
}

async function look() {
  try {
    if (!document.hidden) await take();
  } catch {
    // The server was not to be reached: the next look is another try.
  }
  follow();
}

async function take() {
  const answer = await fetch(location.href);
  // Signed out meanwhile, or deleted: what is shown stays.
  if (!answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const now of [...page.querySelectorAll("[data-follow]")].reverse()) {
    const was = document.getElementById(now.id);
    if (!was) appear(now);
    else if (!was.contains(document.activeElement) && was.innerHTML !== now.innerHTML) change(was, now);
  }
}

function change(was, now) {
  const open = was.querySelector("details")?.open;
  was.className = now.className;
  was.toggleAttribute("data-waiting", now.hasAttribute("data-waiting"));
  was.replaceChildren(...document.importNode(now, true).childNodes);
  const details = was.querySelector("details");
  if (details && open) details.open = true;
}

function appear(now) {
  const list = now.parentElement.id && document.getElementById(now.parentElement.id);
  if (list?.hasAttribute("data-grows")) list.prepend(document.importNode(now, true));
}

follow();
