// What single keys do: along a timeline, into its composer, and the list of them all. Loaded when the first is pressed.

// "?": the page of the keys, over the page one is on.
let dialog = null;
async function help() {
  if (dialog?.open) return;
  if (!dialog) {
    let answer = null;
    try {
      answer = await fetch("/keys");
    } catch {
      // Said below.
    }
    if (!answer?.ok || answer.redirected) return location.assign("/keys");
    const list = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("keys");
    dialog = Object.assign(document.createElement("dialog"), { className: "over-page" });
    dialog.setAttribute("aria-labelledby", "keys-title");
    list.querySelector("[data-end]").hidden = false;
    dialog.append(list);
    document.body.append(dialog);
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    turning(dialog);
  }
  dialog.showModal();
}

// Single keys can be turned off (WCAG 2.1.4): dictation, say, would press them all the time.
export function turning(place) {
  const turn = place.querySelector("[data-turn]");
  const box = turn.querySelector("input");
  try {
    box.checked = localStorage.getItem("keys") !== "off";
  } catch {
    return;
  }
  turn.hidden = false;
  box.addEventListener("change", () => localStorage.setItem("keys", box.checked ? "on" : "off"));
}

// Along the timeline, from where the focus is, else from what is seen first. What is folded counts as one.
function step(by) {
  const items = [...document.querySelectorAll("#timeline li[data-id]:not(.seen-line)")].filter((one) => one.offsetParent);
  const now = document.activeElement.closest("#timeline li[data-id]:not(.seen-line)");
  const seen = items.findIndex((one) => one.getBoundingClientRect().bottom > 80);
  const next = items[now ? items.indexOf(now) + by : seen];
  if (!next) return;
  const place = next.querySelector(":scope > details > summary") ?? next;
  if (place === next) next.tabIndex = -1;
  place.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest", behavior: "instant" });
}

function write(kind) {
  const chosen = document.querySelector(`.composer [name="type"][value="${kind}"]`);
  if (!chosen) return;
  chosen.click();
  const fields = [...document.querySelectorAll(".composer-fields :is(input:not([type=hidden], [type=file]), textarea)")];
  const seen = fields.filter((one) => one.offsetParent);
  (seen.find((one) => !one.value) ?? seen[0])?.focus();
  chosen.form.scrollIntoView({ block: "nearest", behavior: "instant" });
}

const DOES = {
  "?": help,
  j: () => step(1),
  k: () => step(-1),
  n: () => write("note"),
  e: () => write("email"),
  c: () => write("phone_call"),
};

export const press = (key) => DOES[key]();
