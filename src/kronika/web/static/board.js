// A board that two can move things on: what one does is shown at once and sent; what others do comes as columns anew.
import { ask } from "./asking.js";
import { drags } from "./dragging.js";
import { lifts } from "./lifting.js";
import { listen } from "./live.js";

const root = document.getElementById("board");
const mover = document.getElementById("mover");
const dot = document.querySelector("[data-live]");
const told = document.querySelector("[data-told]");
const trouble = document.querySelector("[data-trouble]");
const { cases, step, ...words } = root.dataset;

const columnOf = (card) => card.closest("[data-column]");
const columnBy = (id) => root.querySelector(`:scope > [data-column="${id}"]`);
const tell = (said, card, more = {}) => (told.textContent = fill(said, { name: card.dataset.name, ...more }));
const fill = (said, values) => said.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

// Where a card stands, as people count.
function standing(card) {
  const column = columnOf(card);
  const shown = [...card.parentElement.children];
  const was = card.dataset.home ?? column.dataset.column;
  const size = Math.max(+column.dataset.size + (was === column.dataset.column ? 0 : 1), shown.length);
  return { place: shown.indexOf(card) + 1, size, column: column.dataset.name };
}

// Following what others do, while nobody holds anything here.
const dirty = new Set();
let isRest = false;
let holding = 0;
let holds = 0;
let isAsking = false;

function hold() {
  holding += 1;
  holds += 1;
}

function release() {
  holding -= 1;
  follow();
}

async function follow() {
  if (isAsking || holding || !(dirty.size || isRest)) return;
  isAsking = true;
  const [asked, rest, before] = [[...dirty], isRest, holds];
  dirty.clear();
  isRest = false;
  const answer = await ask(`${cases}?columns=${lengths(rest ? [...root.children].map((one) => one.dataset.column) : asked)}${rest ? "&rest=1" : ""}`);
  const html = answer.ok ? await answer.text().catch(() => null) : null;
  isAsking = false;
  // What came while something was held, or was asked for before, may be older than what is seen.
  if (html === null || before !== holds) {
    for (const id of asked) dirty.add(id);
    isRest ||= rest;
    if (html !== null) follow();
    // Who is signed out, or out of the company, is told so by the dot.
    else if (answer.status !== 401 && answer.status !== 404) setTimeout(follow, 2000);
    return;
  }
  show(new DOMParser().parseFromString(html, "text/html").body, rest);
  follow();
}

const lengths = (ids) => ids.map((id) => `${id}:${columnBy(id)?.dataset.shown ?? step}`).join();

// Whoever reads, or has a menu open, keeps his place: only what differs is touched.
const kept = new WeakMap();
const remember = (one) => kept.set(one, one.outerHTML);
for (const one of root.querySelectorAll("[data-case], [data-head]")) remember(one);

function show(part, rest) {
  const focused = root.contains(document.activeElement) ? document.activeElement : null;
  const place = focused?.closest("[data-case]")?.id;
  const kind = focused?.matches("[data-handle]") ? "[data-handle]" : "[data-card]";
  const columns = [...part.querySelectorAll("[data-column]")];
  const ids = columns.map((one) => one.dataset.column);
  if (rest) for (const one of [...root.children]) if (!ids.includes(one.dataset.column)) one.remove();
  columns.forEach((column, n) => {
    const old = columnBy(column.dataset.column);
    if (!old) {
      if (!column.matches(".lane")) return void (isRest = true);
      for (const one of column.querySelectorAll("[data-case], [data-head]")) remember(one);
      for (const one of column.querySelectorAll("[data-case]")) document.getElementById(one.id)?.remove();
    } else if (column.matches(".lane")) fit(old, column);
    else resize(old, column.dataset.size, column.dataset.told);
    if (rest && root.children[n] !== (old ?? column)) root.insertBefore(old ?? column, root.children[n] ?? null);
  });
  const total = part.querySelector("[data-total]");
  document.querySelector("[data-all]").textContent = total.textContent;
  document.getElementById("nothing").hidden = total.dataset.total !== "0";
  if (!focused || document.activeElement === focused) return;
  const again = focused.isConnected ? focused : document.getElementById(place)?.querySelector(kind);
  (again ?? root).focus({ preventScroll: true });
}

function fit(old, column) {
  const list = old.querySelector("[data-cards]");
  const cards = [...column.querySelectorAll("[data-case]")].map((card) => {
    const here = document.getElementById(card.id);
    if (here && kept.get(here) === card.outerHTML) return here;
    remember(card);
    here?.replaceWith(card);
    return card;
  });
  cards.forEach((card, n) => {
    if (list.children[n] !== card) list.insertBefore(card, list.children[n] ?? null);
  });
  while (list.children.length > cards.length) list.lastElementChild.remove();
  old.querySelector("[data-on]").replaceWith(column.querySelector("[data-on]"));
  // Not how many it shows: that was wished for, and one more that comes is shown too.
  for (const name of ["name", "size"]) old.dataset[name] = column.dataset[name];
  const [head, fresh] = [old, column].map((one) => one.querySelector("[data-head]"));
  if (kept.get(head) === fresh.outerHTML) return;
  if (!head.querySelector("[open], :focus")) {
    remember(fresh);
    head.replaceWith(fresh);
    return;
  }
  // A menu that is shut says what is next, though the focus is on it.
  const shut = head.querySelector("details:not([open])");
  for (const piece of ["[data-title]", ".band", ...(shut ? [".sheet"] : [])]) head.querySelector(piece).replaceWith(fresh.querySelector(piece));
  kept.delete(head);
}

function resize(column, size, said) {
  column.dataset.size = size;
  column.querySelector("[data-count]").textContent = said;
  kept.delete(column.querySelector("[data-head]"));
}

listen(dot, ({ cases: changed, columns, contacts, statuses }) => {
  for (const id of columns) dirty.add(String(id));
  for (const id of changed) {
    const card = document.getElementById(`case-${id}`);
    if (card) dirty.add(card.dataset.home ?? columnOf(card).dataset.column);
  }
  for (const id of contacts) {
    for (const card of root.querySelectorAll(`[data-contact="${id}"]`)) dirty.add(columnOf(card).dataset.column);
  }
  isRest ||= statuses;
  follow();
});

root.addEventListener("click", (event) => {
  const more = event.target.closest("[data-more]");
  if (!more || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const column = columnOf(more);
  column.dataset.shown = +column.dataset.shown + +step;
  dirty.add(column.dataset.column);
  follow();
});

// Moves are sent one after the other, as they were made.
let sending = Promise.resolve();
const last = new Map();

const randomly = () => [...crypto.getRandomValues(new Uint8Array(16))].map((one) => one.toString(16).padStart(2, "0")).join("");

function post(address, fields) {
  const body = new URLSearchParams({ form_token: mover.elements.form_token.value, key: randomly(), ...fields });
  const sent = sending.then(() => ask(address, { method: "POST", body }));
  sending = sent;
  return sent;
}

function complain(said) {
  trouble.textContent = said;
  trouble.hidden = false;
}

function refused(status, name) {
  if (status === 401) return fill(words.signedOut, { name });
  if (status === 403) return words.stale;
  return fill(status === 0 || status === 429 || status >= 500 || status === 409 ? words.failed : words.refused, { name });
}

// Where a card is, to be put back there.
const spotOf = (card) => ({ list: card.parentElement, next: card.nextElementSibling });
const putBack = (card, { list, next }) => list.insertBefore(card, next?.parentElement === list ? next : null);

// The card stands where it is wanted; `from` is where it stood.
async function send(card, from) {
  const column = columnOf(card);
  const id = card.dataset.case;
  const fields = { column: column.dataset.column, before: card.nextElementSibling?.dataset.case ?? "", behind: card.previousElementSibling?.dataset.case ?? "" };
  hold();
  trouble.hidden = true;
  const mine = {};
  last.set(id, mine);
  const { ok, status } = await post(`${cases}/${id}/move`, fields);
  const home = from.list.closest("[data-column]");
  if (!ok && last.get(id) === mine) {
    if (from.list.isConnected) {
      const had = card.contains(document.activeElement);
      putBack(card, from);
      if (had) card.querySelector("[data-card]").focus();
    }
    complain(refused(status, card.dataset.name));
  }
  if (last.get(id) === mine) last.delete(id);
  for (const one of [home, column]) dirty.add(one.dataset.column);
  release();
}

// What dragging and lifting have in common: something is taken, and put down here or there.
const taking = {
  begin(card) {
    hold();
    card.dataset.home = columnOf(card).dataset.column;
    card.classList.add("lifted");
    return spotOf(card);
  },
  end(card, from, isPut = true) {
    card.classList.remove("lifted");
    const has = from.list !== card.parentElement || from.next !== card.nextElementSibling;
    if (!isPut) putBack(card, from);
    tell(isPut ? words.dropped : words.back, card, standing(card));
    delete card.dataset.home;
    if (isPut && has) send(card, from);
    release();
  },
};

// The column stands where it is wanted; `from` is in front of which it stood.
async function sendColumn(column, before, from) {
  hold();
  trouble.hidden = true;
  const others = [...root.children].map((one) => one.dataset.column).filter((id) => id !== column.dataset.column && id !== "0");
  const place = (others.indexOf(before) + 1) || others.length + 1;
  const { ok, status } = await post(`${cases}/columns/${column.dataset.column}/move`, { before });
  if (ok) tell(words.columnMoved, column, { place, size: others.length + 1 });
  else {
    if (from) root.insertBefore(column, from);
    complain(refused(status, column.dataset.name));
  }
  isRest = true;
  release();
}

root.classList.add("scripted");
const keys = document.querySelector("[data-keys]");
keys.hidden = false;
lifts(root, { ...taking, said: (name, card) => tell(words[name], card, standing(card)) });
drags(root, { ...taking, hold, release, sendColumn });

// Moving a column by its menu: the focus stays with it.
mover.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { submitter } = event;
  const column = columnOf(submitter);
  const menu = submitter.closest("details");
  menu.open = false;
  menu.querySelector("summary").focus();
  await sendColumn(column, submitter.value);
});

root.addEventListener("focusin", ({ target }) => {
  if (target.matches("[data-card]")) target.setAttribute("aria-describedby", "board-keys");
});
root.addEventListener("focusout", ({ target }) => target.removeAttribute("aria-describedby"));
