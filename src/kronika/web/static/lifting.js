// Cards by keyboard: the arrows go from card to card; Space picks one up, and then they move it.
const ARROWS = ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"];

export function lifts(root, { begin, end, said }) {
  let held = null;
  let from = null;
  let isMoving = false;

  const link = (card) => card.querySelector("[data-card]");
  const lists = () => [...root.querySelectorAll("[data-cards]")];

  function see(card) {
    link(card).focus({ preventScroll: true });
    card.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  function step(card, key) {
    const list = card.parentElement;
    const cards = [...list.children];
    const n = cards.indexOf(card);
    if (key === "ArrowUp") return { list, card: cards[n - 1], next: cards[n - 1] };
    if (key === "ArrowDown") return { list, card: cards[n + 1], next: cards[n + 2] ?? null };
    const all = lists();
    const way = key === "ArrowLeft" ? -1 : 1;
    // Standing on nothing, one passes over columns without cards.
    let at = all.indexOf(list) + way;
    while (!held && all[at] && !all[at].children.length) at += way;
    const other = all[at];
    return { list: other, card: other?.children[Math.min(n, other.children.length - 1)], next: other?.children[n] ?? null };
  }

  function carry(key) {
    const { list, card, next } = step(held, key);
    if (!list || (list === held.parentElement && !card)) return;
    isMoving = true;
    list.insertBefore(held, next);
    see(held);
    isMoving = false;
    said("over", held);
  }

  function put(isPut) {
    const card = held;
    held = null;
    isMoving = true;
    end(card, from, isPut);
    see(card);
    isMoving = false;
  }

  root.addEventListener("keydown", (event) => {
    const card = event.target.matches("[data-card]") && event.target.closest("[data-case]");
    if (!card || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (ARROWS.includes(event.key)) {
      event.preventDefault();
      if (held) return carry(event.key);
      const { card: other } = step(card, event.key);
      if (other) see(other);
    } else if (event.key === " ") {
      event.preventDefault();
      if (event.repeat) return;
      if (held) return put(true);
      held = card;
      from = begin(card);
      said("lifted", card);
    } else if (held && event.key === "Enter") {
      event.preventDefault();
      put(true);
    } else if (held && event.key === "Escape") {
      event.preventDefault();
      put(false);
    }
  });
  // Who goes away has not put it down.
  root.addEventListener("focusout", () => {
    if (!held || isMoving) return;
    const card = held;
    held = null;
    end(card, from, false);
  });
}
