// A timeline that goes on by itself: older events as one scrolls, new ones as they happen, and changes in place.
import { compose } from "./composer.js";
import { changeable } from "./editing.js";
import { foldRuns } from "./folding.js";
import { listen } from "./live.js";
import { preview } from "./preview.js";
import { ask } from "./asking.js";

const root = document.getElementById("timeline");
const nothing = document.getElementById("nothing");
const pill = document.querySelector("[data-pill]");
const margin = document.querySelector("[data-margin]");
const composer = document.querySelector("[data-composer]");
// Where some of its events are asked for, by their ids.
const { these, show = "all" } = root.dataset;

const parse = (html) => new DOMParser().parseFromString(html, "text/html").body;
const isNewer = (one, other) =>
  +one.dataset.at - +other.dataset.at || +one.dataset.id - +other.dataset.id;

// Puts the days of a part of the page where they belong among those that are there.
function place(part, fresh = false) {
  const last = fresh && root.querySelector(".more") && [...root.querySelectorAll("[data-id]")].at(-1);
  // Folded anew where they stand then, among those that are there.
  for (const fold of part.querySelectorAll(".fold")) fold.replaceWith(...fold.querySelectorAll(".quiet"));
  for (const day of part.querySelectorAll(".day")) {
    const days = [...root.querySelectorAll(".day")];
    const same = days.find((one) => one.dataset.day === day.dataset.day);
    for (const item of day.querySelectorAll(":scope > ol > li")) {
      // Further down than has been read: it is seen when one comes there.
      if (last && isNewer(last, item) > 0) {
        item.remove();
        continue;
      }
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
  for (const day of root.querySelectorAll(".day")) {
    if (!day.querySelector("li:not(.seen-line)")) day.remove();
    else foldRuns(day.querySelector("ol"), root.dataset);
  }
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

// Newer ones, on a page that begins further down: above what is read, which stays where it is.
async function showNewer(newer) {
  const answer = await ask(newer.querySelector("a").href);
  if (!answer.ok) return location.assign(newer.querySelector("a").href);
  const part = parse(await answer.text());
  const next = part.querySelector(".newer");
  const page = document.documentElement;
  const below = page.scrollHeight - scrollY;
  // Not the browser's own way of doing the same besides.
  page.style.overflowAnchor = "none";
  place(part);
  if (next) newer.replaceWith(next);
  else {
    newer.remove();
    root.dataset.newest = "1";
  }
  scrollTo({ top: page.scrollHeight - below, behavior: "instant" });
  requestAnimationFrame(() => (page.style.overflowAnchor = ""));
}

// New events: at their place where the reader sees it, else told by the pill.
let waiting = new Set();
const isAway = () => root.dataset.newest === "0" || root.getBoundingClientRect().top < 0;

// What was told and is still to be asked for: so many at once as the server answers, and again what could not be fetched.
const owed = new Set();
const also = new Set();
const AT_ONCE = 100;
const OWED_SECONDS = 2;
let isAsking = false;

async function showNow(told) {
  for (const id of told) owed.add(id);
  if (isAsking) return;
  isAsking = true;
  while (owed.size) {
    if (await showSome([...owed].slice(0, AT_ONCE))) continue;
    setTimeout(() => showNow([]), OWED_SECONDS * 1000);
    break;
  }
  isAsking = false;
}

// Whether they could be asked for.
async function showSome(ids) {
  const answer = await ask(`${these}?show=${show}&ids=${ids.join()}`);
  if (!answer.ok) return false;
  const part = parse(await answer.text());
  const others = sayingTheSame(part, ids);
  for (const id of ids) {
    owed.delete(id);
    also.delete(id);
    if (!part.querySelector(`#event-${id}`)) document.getElementById(`event-${id}`)?.remove();
    // Who is writing goes on writing.
    else if (document.querySelector(`#event-${id} [data-edit-form]`)) part.querySelector(`#event-${id}`).remove();
  }
  for (const id of others) {
    owed.add(id);
    also.add(id);
  }
  place(part, true);
  return true;
}

// What a document is now stands beside other events, too. Those lead to no others.
function sayingTheSame(part, ids) {
  const changed = [...part.querySelectorAll("[data-document]")].filter((one) => !also.has(one.dataset.id));
  const documents = new Set(changed.map((one) => one.dataset.document));
  return [...root.querySelectorAll("[data-document]")]
    .filter((one) => documents.has(one.dataset.document) && !ids.includes(one.dataset.id))
    .map((one) => one.dataset.id);
}

// What stands beside the timeline follows it, at its leisure.
let toFollow = 0;
function followMargin() {
  if (margin) toFollow ||= setTimeout(async () => {
    toFollow = 0;
    const answer = await ask(`${location.pathname}?margin=1`);
    if (answer.ok) margin.querySelector("aside").replaceWith(parse(await answer.text()).querySelector("aside"));
  }, 1000);
}

function tellPill() {
  const n = waiting.size;
  pill.hidden = n === 0;
  const said = n === 1 ? pill.dataset.one : n < 5 ? pill.dataset.few : pill.dataset.many;
  pill.textContent = said.replace(/\d+/, n);
}

async function onEvents(numbers) {
  const ids = numbers.map(String);
  followMargin();
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
  (document.querySelector(".filters") ?? root).scrollIntoView({ block: "start" });
  root.querySelector(".day a")?.focus({ preventScroll: true });
});

addEventListener("scroll", () => {
  if (!waiting.size || isAway()) return;
  showNow([...waiting]);
  waiting = new Set();
  tellPill();
}, { passive: true });

listen(document.querySelector("[data-live]"), onEvents);

// Who comes back finds the place he left, though the page was not as long when it was made.
addEventListener("pagehide", () => {
  const top = [...root.querySelectorAll("[data-id]")].find((one) => one.getBoundingClientRect().bottom > 72);
  if (top && root.getBoundingClientRect().top < 0) history.replaceState({ at: top.dataset.id }, "");
});
const left = performance.getEntriesByType("navigation")[0]?.type === "back_forward" && history.state?.at;
if (left) {
  const there = document.getElementById(`event-${left}`);
  if (there) there.scrollIntoView({ block: "start", behavior: "instant" });
  else if (composer && show === "all" && !location.search) location.replace(`${location.pathname}?at=${left}#event-${left}`);
}

root.addEventListener("click", (event) => {
  const newer = event.target.closest(".newer");
  if (!newer || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  showNewer(newer);
});
changeable(root, { place, tidy, parse });
preview(root, document.querySelector("[data-previews]"));

if (composer) compose(composer, (html) => {
  // There it can be seen.
  if (root.dataset.newest === "0" || show !== "all") return location.assign(`${location.pathname}?done=recorded`);
  place(parse(html), true);
  followMargin();
});
