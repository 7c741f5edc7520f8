// A timeline that goes on by itself: older events as one scrolls, new ones as they happen, and changes in place.
import { compose } from "./composer.js";
import { listen } from "./live.js";
import { preview } from "./preview.js";
import { ask, offerDocuments, send } from "./asking.js";

const root = document.getElementById("timeline");
const nothing = document.getElementById("nothing");
const pill = document.querySelector("[data-pill]");
const { company, timeline, show } = root.dataset;
const UNDO_SECONDS = 8;

const parse = (html) => new DOMParser().parseFromString(html, "text/html").body;
const isNewer = (one, other) =>
  +one.dataset.at - +other.dataset.at || +one.dataset.id - +other.dataset.id;

// Puts the days of a part of the page where they belong among those that are there.
function place(part, fresh = false) {
  for (const day of part.querySelectorAll(".day")) {
    const days = [...root.querySelectorAll(".day")];
    const same = days.find((one) => one.dataset.day === day.dataset.day);
    for (const item of day.querySelectorAll(":scope > ol > li")) {
      if (fresh) item.classList.add("fresh");
      const old = item.id && document.getElementById(item.id);
      if (old) {
        item.classList.remove("fresh");
        // What one wrote oneself comes by the stream once more.
        if (old.innerHTML !== item.innerHTML) old.replaceWith(item);
        else item.remove();
      } else if (same) {
        const list = same.querySelector("ol");
        list.insertBefore(item, [...list.children].find((one) => one.dataset.at && isNewer(item, one) > 0) ?? null);
      }
    }
    if (!same && day.querySelector("li")) {
      root.insertBefore(day, days.find((one) => one.dataset.day < day.dataset.day) ?? root.querySelector(".more"));
    }
  }
  tidy();
}

function tidy() {
  for (const day of root.querySelectorAll(".day")) if (!day.querySelector("li")) day.remove();
  nothing.hidden = root.querySelector(".day") !== null;
}

// Older events, when the end of the page comes near.
const nearEnd = new IntersectionObserver(async ([entry]) => {
  if (!entry.isIntersecting) return;
  const more = entry.target;
  nearEnd.unobserve(more);
  const answer = await ask(more.querySelector("a").href);
  // Where that does not work, the link still does.
  if (!answer.ok) return;
  const part = parse(await answer.text());
  const next = part.querySelector(".more");
  place(part);
  if (next) {
    more.replaceWith(next);
    nearEnd.observe(next);
  } else more.remove();
}, { rootMargin: "600px" });
if (root.querySelector(".more")) nearEnd.observe(root.querySelector(".more"));

// New events: at their place where the reader sees it, else told by the pill.
let waiting = new Set();
const isAway = () => root.dataset.newest === "0" || root.getBoundingClientRect().top < 0;

// What was told and could not be fetched: it is asked for again.
const owed = new Set();
const OWED_SECONDS = 2;

async function showNow(told) {
  for (const id of told) owed.add(id);
  const ids = [...owed];
  if (!ids.length) return;
  const answer = await ask(`${company}/timelines/${timeline}?show=${show}&ids=${ids.join()}`);
  if (!answer.ok) {
    setTimeout(() => showNow([]), OWED_SECONDS * 1000);
    return;
  }
  for (const id of ids) owed.delete(id);
  const part = parse(await answer.text());
  for (const id of ids) {
    if (!part.querySelector(`#event-${id}`)) document.getElementById(`event-${id}`)?.remove();
    // Who is writing goes on writing.
    else if (document.querySelector(`#event-${id} [data-edit-form]`)) part.querySelector(`#event-${id}`).remove();
  }
  place(part, true);
}

function tellPill() {
  const n = waiting.size;
  pill.hidden = n === 0;
  const said = n === 1 ? pill.dataset.one : n < 5 ? pill.dataset.few : pill.dataset.many;
  pill.textContent = said.replace(/\d+/, n);
}

async function onEvents(numbers) {
  const ids = numbers.map(String);
  const known = ids.filter((id) => document.getElementById(`event-${id}`));
  const others = ids.filter((id) => !known.includes(id));
  if (!isAway()) return showNow(ids);
  if (known.length) await showNow(known);
  for (const id of others) waiting.add(id);
  tellPill();
}

pill.addEventListener("click", async () => {
  if (root.dataset.newest === "0") return location.assign(location.pathname + (show === "all" ? "" : `?show=${show}`));
  const ids = [...waiting];
  waiting = new Set();
  tellPill();
  await showNow(ids);
  root.scrollIntoView({ block: "center" });
  root.querySelector(".day a")?.focus({ preventScroll: true });
});

addEventListener("scroll", () => {
  if (!waiting.size || isAway()) return;
  showNow([...waiting]);
  waiting = new Set();
  tellPill();
}, { passive: true });

listen(document.querySelector("[data-live]"), onEvents);

// Deleting waits, so that it can be undone; leaving the page ends the wait.
const going = new Map();

function remove(item, address) {
  const line = document.createElement("li");
  line.className = "gone-line";
  line.setAttribute("role", "status");
  const undo = Object.assign(document.createElement("button"), { type: "button", className: "button quiet", textContent: root.dataset.undo });
  line.append(root.dataset.deleted, undo);
  item.hidden = true;
  item.after(line);
  undo.focus();
  const finish = async () => {
    if (!going.delete(item)) return;
    clearTimeout(timer);
    const answer = await send(address, { form_token: root.dataset.token }, { keepalive: true });
    if (answer.ok || answer.status === 404) {
      item.remove();
      line.remove();
      return tidy();
    }
    item.hidden = false;
    line.textContent = root.dataset.failed;
  };
  const timer = setTimeout(finish, UNDO_SECONDS * 1000);
  going.set(item, finish);
  undo.addEventListener("click", () => {
    going.delete(item);
    clearTimeout(timer);
    item.hidden = false;
    line.remove();
    item.querySelector("[data-delete]").focus();
  });
}
addEventListener("pagehide", () => going.forEach((finish) => finish()));

async function edit(item, address) {
  const answer = await ask(address);
  if (!answer.ok) return location.assign(address);
  const form = parse(await answer.text()).querySelector("form");
  const told = item.querySelector(".told");
  const hidden = [...told.children].slice(1);
  for (const one of hidden) one.hidden = true;
  told.append(form);
  const number = form.querySelector("[data-linkable]");
  if (number) offerDocuments(number, form.querySelector("[data-found]"), number.dataset.linkable);
  form.querySelector("input:not([type=hidden]), textarea").focus();
  const leave = () => {
    form.remove();
    for (const one of hidden) one.hidden = false;
    item.querySelector("[data-edit]").focus();
  };
  form.querySelector("[data-cancel]").addEventListener("click", (event) => {
    event.preventDefault();
    leave();
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape") leave();
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    const answer = await send(form.action, new FormData(form), {}, form);
    button.disabled = false;
    if (!answer.ok) return;
    const id = item.id;
    place(parse(await answer.text()));
    document.querySelector(`#${id} [data-edit]`)?.focus();
  });
}

preview(root, document.querySelector("[data-previews]"));

root.addEventListener("click", (event) => {
  const link = event.target.closest("[data-edit], [data-link], [data-delete]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const item = link.closest("li");
  if ("link" in link.dataset) {
    if (!navigator.clipboard) return;
    navigator.clipboard.writeText(link.href);
    link.title = root.dataset.copied;
    link.ariaLabel = root.dataset.copied;
  } else if ("edit" in link.dataset) {
    if (!item.querySelector("[data-edit-form]")) edit(item, link.href);
  } else remove(item, link.href);
  event.preventDefault();
});

compose(document.querySelector("[data-composer]"), (html) => {
  if (root.dataset.newest === "0" || show !== "all") return location.assign(location.pathname);
  place(parse(html), true);
});
