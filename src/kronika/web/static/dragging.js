// Cards and columns by pointer. A mouse drags when it moves; a finger first rests, since moving at once is scrolling.
const SLOP = 5;
const REST_MS = 350;
const REST_SLOP = 10;
const EDGE = 56;
const FASTEST = 16;

export function drags(root, { begin, end, hold, release, sendColumn }) {
  let drag = null;

  // What would be dragged by touching this.
  function grip(target) {
    const card = target.closest("[data-case]");
    if (card) return card;
    if (!target.closest("[data-head]") || target.closest("details, a")) return null;
    const column = target.closest("[data-column]");
    return column.dataset.column === "0" ? null : column;
  }

  root.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !event.isPrimary) return;
    // One whose end nobody told.
    if (drag) stop(false);
    const thing = grip(event.target);
    if (!thing) return;
    // From here on: what comes of it must still be there when it moves.
    hold();
    drag = { thing, isCard: thing.matches("[data-case]"), id: event.pointerId, isTouch: event.pointerType !== "mouse", isOn: false, startX: event.clientX, startY: event.clientY, x: event.clientX, y: event.clientY };
    if (!drag.isTouch) return;
    const mine = drag;
    drag.resting = setTimeout(() => drag === mine && start(), event.target.closest("[data-handle]") ? 0 : REST_MS);
  });

  function start() {
    const { thing, isCard, id } = drag;
    const box = thing.getBoundingClientRect();
    drag.isOn = true;
    root.setPointerCapture(id);
    root.classList.add("dragging");
    if (isCard) {
      const ghost = thing.cloneNode(true);
      ghost.removeAttribute("id");
      ghost.ariaHidden = "true";
      ghost.inert = true;
      ghost.classList.add("ghost");
      ghost.style.width = `${box.width}px`;
      Object.assign(drag, { ghost, dx: drag.startX - box.left, dy: drag.startY - box.top, from: begin(thing) });
      document.body.append(ghost);
    } else {
      thing.classList.add("lifted");
      drag.next = thing.nextElementSibling;
    }
    drag.frame = requestAnimationFrame(follow);
  }

  // Each frame: the card under the pointer, and the board pushed on where the pointer is at its edge.
  function follow() {
    if (!drag?.isOn) return;
    const { ghost, x, y, dx, dy, isCard } = drag;
    if (ghost) ghost.style.transform = `translate(${x - dx}px, ${y - dy}px) rotate(1.5deg)`;
    const box = root.getBoundingClientRect();
    const push = (at, low, high) => (at < low + EDGE ? Math.max(-1, (at - low - EDGE) / EDGE) : at > high - EDGE ? Math.min(1, (at - high + EDGE) / EDGE) : 0);
    const [left, top] = [root.scrollLeft, root.scrollTop];
    root.scrollLeft += Math.round(push(x, box.left, box.right) * FASTEST);
    if (isCard) root.scrollTop += Math.round(push(y, box.top, box.bottom) * FASTEST);
    if (drag.isMoved || left !== root.scrollLeft || top !== root.scrollTop) {
      (isCard ? carryCard : carryColumn)();
      drag.isMoved = false;
    }
    drag.frame = requestAnimationFrame(follow);
  }

  const away = (box, x) => Math.max(box.left - x, x - box.right, 0);

  function carryCard() {
    const { thing, x, y } = drag;
    let near = null;
    for (const column of root.children) {
      const far = away(column.getBoundingClientRect(), x);
      if (!near || far < near.far) near = { far, column };
    }
    const list = near.column.querySelector("[data-cards]");
    const next = [...list.children].find((one) => {
      const box = one.getBoundingClientRect();
      return one !== thing && y < box.top + box.height / 2;
    }) ?? null;
    if (thing.parentElement === list && (thing.nextElementSibling === next || next === thing)) return;
    list.insertBefore(thing, next);
  }

  function carryColumn() {
    const { thing, x } = drag;
    const next = [...root.children].find((one) => {
      const box = one.getBoundingClientRect();
      // Those without a status are last, whatever happens.
      return one !== thing && (x < box.left + box.width / 2 || one.dataset.column === "0");
    });
    if (thing.nextElementSibling !== next) root.insertBefore(thing, next);
  }

  function stop(isPut) {
    const { thing, isOn, isCard, ghost, from, next } = drag;
    clearTimeout(drag.resting);
    cancelAnimationFrame(drag.frame);
    drag = null;
    if (!isOn) return release();
    root.classList.remove("dragging");
    ghost?.remove();
    // The click that comes of letting go opens nothing.
    const swallow = (event) => {
      event.preventDefault();
      event.stopPropagation();
    };
    addEventListener("click", swallow, { capture: true, once: true });
    setTimeout(() => removeEventListener("click", swallow, { capture: true }), 50);
    if (isCard) {
      end(thing, from, isPut);
      thing.querySelector("[data-card]").focus({ preventScroll: true });
      return release();
    }
    thing.classList.remove("lifted");
    if (!isPut) root.insertBefore(thing, next);
    else if (thing.nextElementSibling !== next) sendColumn(thing, thing.nextElementSibling.dataset.column, next);
    release();
  }

  addEventListener("pointermove", (event) => {
    if (!drag || event.pointerId !== drag.id) return;
    Object.assign(drag, { x: event.clientX, y: event.clientY, isMoved: true });
    if (drag.isOn) return;
    const far = Math.hypot(drag.x - drag.startX, drag.y - drag.startY);
    if (drag.isTouch) far > REST_SLOP && stop(false);
    else if (far > SLOP) start();
  });
  addEventListener("pointerup", (event) => {
    if (!drag || event.pointerId !== drag.id) return;
    if (drag.isOn && drag.isMoved) (drag.isCard ? carryCard : carryColumn)();
    stop(true);
  });
  addEventListener("pointercancel", (event) => drag && event.pointerId === drag.id && stop(false));
  addEventListener("keydown", (event) => {
    if (!drag?.isOn || event.key !== "Escape") return;
    event.stopPropagation();
    stop(false);
  }, { capture: true });
  // While something is dragged nothing scrolls by the same finger, and no menu opens under it.
  root.addEventListener("touchmove", (event) => drag?.isOn && event.cancelable && event.preventDefault(), { passive: false });
  root.addEventListener("contextmenu", (event) => drag?.isTouch && event.preventDefault());
  root.addEventListener("dragstart", (event) => event.preventDefault());
}
