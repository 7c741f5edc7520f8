// Events are corrected where they stand, and deleted after a while in which it can be undone.
import { ask, keepDraft, offerDocuments, send } from "./asking.js";

const UNDO_SECONDS = 8;

export function changeable(root, { place, tidy, parse }) {
  const words = root.dataset;

  // A sentence in an event, until something is done with it.
  function tell(item, text) {
    item.querySelector(".told-here")?.remove();
    if (text) item.querySelector(".told").append(Object.assign(document.createElement("p"), { className: "error told-here", role: "alert", textContent: text }));
  }

  // Deleting waits, so that it can be undone; leaving the page ends the wait.
  const going = new Map();

  function remove(item, address) {
    const line = document.createElement("li");
    line.className = "gone-line";
    line.setAttribute("role", "status");
    const undo = Object.assign(document.createElement("button"), { type: "button", className: "button quiet", textContent: words.undo });
    line.append(words.deleted, undo);
    item.hidden = true;
    item.after(line);
    undo.focus();
    const back = () => {
      going.delete(item);
      clearTimeout(timer);
      item.hidden = false;
      line.remove();
    };
    const finish = async () => {
      if (!going.delete(item)) return;
      clearTimeout(timer);
      const answer = await send(address, { form_token: words.token }, { keepalive: true });
      const wasHere = line.contains(document.activeElement);
      if (!answer.ok && answer.status !== 404) {
        back();
        if (wasHere) item.querySelector("[data-delete]").focus();
        return tell(item, words.failed);
      }
      const next = line.nextElementSibling ?? item.previousElementSibling;
      item.remove();
      line.remove();
      if (wasHere) ((next ?? root).querySelector("a, button") ?? root).focus({ preventScroll: true });
      tidy();
    };
    const timer = setTimeout(finish, UNDO_SECONDS * 1000);
    going.set(item, finish);
    undo.addEventListener("click", () => {
      back();
      item.querySelector("[data-delete]").focus();
    });
  }
  addEventListener("pagehide", () => going.forEach((finish) => finish()));

  async function edit(item, address) {
    tell(item, "");
    const answer = await ask(address);
    if (answer.status === 0 || answer.status >= 500) return tell(item, words.unreachable);
    if (!answer.ok) return location.assign(address);
    const form = parse(await answer.text()).querySelector("form");
    const told = item.querySelector(".told");
    const hidden = [...told.children].slice(1);
    for (const one of hidden) one.hidden = true;
    told.append(form);
    const draft = keepDraft(form, `edit ${words.user} ${address}`);
    form.querySelector("[data-draft]").hidden = !draft.restore();
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
      draft.forget();
      leave();
    });
    form.addEventListener("keydown", (event) => {
      // What is written comes back with the next Edit.
      if (event.key === "Escape") leave();
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
    });
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const button = form.querySelector("button");
      button.disabled = true;
      const answer = await send(form.action, new FormData(form), {}, form);
      button.disabled = false;
      if (answer.isOutdated) return showAsItIs();
      if (!answer.ok) return;
      draft.forget();
      const id = item.id;
      place(parse(await answer.text()));
      document.querySelector(`#${id} [data-edit]`)?.focus();
    });

    // Somebody else was first: his text above one's own, which can be saved then.
    async function showAsItIs() {
      const now = await ask(address);
      if (!now.ok) return;
      form.elements.seen.value = parse(await now.text()).querySelector("[name=seen]").value;
      const shown = await ask(`${words.these}?ids=${item.dataset.id}`);
      const fresh = shown.ok && parse(await shown.text()).querySelector(`#${item.id} .told`);
      if (!fresh) return;
      for (const one of hidden.splice(0)) one.remove();
      for (const one of [...fresh.children].slice(1)) {
        form.before(one);
        hidden.push(one);
      }
    }
  }

  function copy(link) {
    const { ariaLabel, title } = link;
    navigator.clipboard.writeText(link.href);
    link.classList.add("done");
    link.title = link.ariaLabel = words.copied;
    root.querySelector("[data-said]").textContent = words.copied;
    setTimeout(() => {
      link.classList.remove("done");
      Object.assign(link, { ariaLabel, title });
      root.querySelector("[data-said]").textContent = "";
    }, 2000);
  }

  root.addEventListener("click", (event) => {
    const link = event.target.closest("[data-edit], [data-link], [data-delete]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const item = link.closest("li");
    if ("link" in link.dataset) {
      if (!navigator.clipboard) return;
      copy(link);
    } else if ("edit" in link.dataset) {
      if (!item.querySelector("[data-edit-form]")) edit(item, link.href);
    } else remove(item, link.href);
    event.preventDefault();
  });
}
