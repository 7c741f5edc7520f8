// What the pages of webhooks can do beyond HTML.

// All or none of a group of checkboxes. Groups may lie in one another.
const names = [];
for (const group of document.querySelectorAll("[data-group]")) {
  const boxes = [...group.querySelectorAll("[type=checkbox]")];
  const button = group.querySelector("[data-all]");
  const name = () => {
    button.textContent = boxes.every((box) => box.checked) ? button.dataset.none : button.dataset.all;
    if (button.dataset.of) button.setAttribute("aria-label", `${button.textContent}: ${button.dataset.of}`);
  };
  names.push(name);
  button.hidden = false;
  button.addEventListener("click", () => {
    const wanted = !boxes.every((box) => box.checked);
    for (const box of boxes) box.checked = wanted;
    for (const each of names) each();
  });
  group.addEventListener("change", name);
  name();
}

// While the page is seen, it is asked for again, sooner when something of it is under way, and what has changed in it takes
// its place. What the focus is in stays as it is until it has gone on.
const SOON = 400;
const LATER = 5000;
let pause = SOON;
let timer = 0;

function follow(works = true) {
  // Where looking by itself does not work, one can still look by hand.
  for (const link of document.querySelectorAll("[data-reload]")) link.hidden = works;
  pause = document.querySelector("[data-waiting]") ? Math.min(pause * 1.3, LATER) : LATER;
  clearTimeout(timer);
  if (!document.hidden) timer = setTimeout(look, pause);
}

async function look() {
  try {
    follow(await take());
  } catch {
    follow(false);
  }
}

// Whether it was to be had. Signed out meanwhile, or deleted: what is shown stays.
async function take() {
  const answer = await fetch(location.href);
  if (!answer.ok || answer.redirected) return false;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const now of [...page.querySelectorAll("[data-follow]")].reverse()) {
    const was = document.getElementById(now.id);
    if (!was) appear(now);
    else if (!was.contains(document.activeElement) && said(was) !== said(now)) change(was, now);
  }
  return true;
}

// Its form tokens are others in every answer, and what a reader has opened is no change.
function said(element) {
  const copy = element.cloneNode(true);
  for (const field of copy.querySelectorAll("[type=hidden]")) field.remove();
  for (const details of copy.querySelectorAll("details")) details.open = false;
  for (const link of copy.querySelectorAll("[data-reload]")) link.hidden = false;
  return copy.innerHTML;
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
  if (!list?.hasAttribute("data-grows")) return;
  list.prepend(document.importNode(now, true));
  list.hidden = false;
  document.getElementById("nothing-sent")?.remove();
}

if (document.querySelector("[data-follow]")) {
  document.addEventListener("visibilitychange", () => document.hidden || look());
  follow();
}
