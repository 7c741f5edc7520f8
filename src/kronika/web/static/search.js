// The search's box: results as one writes, to be chosen with the arrows. Without this, Enter leads to the page of results.

export function begin(form) {
  const field = form.querySelector("[data-slash]");
  const place = form.querySelector("[data-found]");
  const told = Object.assign(document.createElement("p"), { className: "away", role: "status" });
  let asking = null;
  let timer = 0;
  let shown = null;

  const options = () => [...place.querySelectorAll("[role=option]")];
  const chosen = () => place.querySelector("[aria-selected=true]");

  form.append(told);
  field.setAttribute("role", "combobox");
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-expanded", "false");

  function open(isOpen) {
    place.hidden = !isOpen;
    const list = isOpen ? place.querySelector("[role=listbox]") : null;
    field.setAttribute("aria-expanded", String(list !== null));
    if (list) field.setAttribute("aria-controls", list.id);
    else field.removeAttribute("aria-controls");
    if (!isOpen) choose(null);
  }

  function choose(option) {
    chosen()?.setAttribute("aria-selected", "false");
    if (!option) return field.removeAttribute("aria-activedescendant");
    option.setAttribute("aria-selected", "true");
    field.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  // What is asked for last is shown, however late an earlier answer comes.
  async function follow() {
    clearTimeout(timer);
    const asked = field.value.trim();
    asking?.abort();
    const mine = (asking = new AbortController());
    if (!asked) {
      shown = null;
      told.textContent = "";
      return open(false);
    }
    if (asked === shown) return open(true);
    try {
      const answer = await fetch(`${form.getAttribute("action")}?q=${encodeURIComponent(asked)}`, { headers: { "X-Part": "1" }, signal: mine.signal });
      if (answer.status === 401) return location.assign(`${form.getAttribute("action")}?q=${encodeURIComponent(asked)}`);
      if (!answer.ok) throw new Error(answer.status);
      const found = await answer.text();
      if (mine !== asking) return;
      place.innerHTML = found;
      shown = asked;
      told.textContent = place.querySelector("[data-says]").dataset.says;
    } catch {
      if (mine !== asking || mine.signal.aborted) return;
      shown = null;
      place.replaceChildren(Object.assign(document.createElement("p"), { className: "nothing", textContent: place.dataset.failed }));
      told.textContent = place.dataset.failed;
    }
    if (form.contains(document.activeElement)) open(true);
  }

  field.addEventListener("input", (event) => {
    if (event.isComposing) return;
    // What hangs there is of other words now: it stays to be seen, and is not to be chosen.
    choose(null);
    clearTimeout(timer);
    timer = setTimeout(follow, 80);
  });
  field.addEventListener("compositionend", () => field.dispatchEvent(new Event("input")));
  field.addEventListener("focus", follow);
  form.addEventListener("focusout", (event) => {
    if (!form.contains(event.relatedTarget)) open(false);
  });
  // The focus stays in the field, so that a click is no way out of it.
  place.addEventListener("pointerdown", (event) => event.preventDefault());

  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Escape" && !place.hidden) {
      event.preventDefault();
      event.stopPropagation();
      open(false);
    } else if (event.key === "Enter" && chosen() && !place.hidden) {
      event.preventDefault();
      chosen().click();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (place.hidden) return void follow();
      const all = options();
      const from = all.indexOf(chosen());
      const step = event.key === "ArrowDown" ? 1 : -1;
      // Past either end is the field itself.
      const to = from < 0 && step < 0 ? all.length - 1 : from + step;
      choose(all[to] ?? null);
    }
  });

  follow();
}
