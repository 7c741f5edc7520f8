// The page of a document follows what happens to it, and payments are deleted after a while in which it can be undone.
import { changeable } from "./editing.js";
import { listen } from "./live.js";

const AGAIN_SECONDS = 2;

const payments = document.getElementById("payments");
const parse = (html) => new DOMParser().parseFromString(html, "text/html");

// Who is writing goes on writing.
const isWriting = () => {
  const form = document.querySelector("[data-payment]");
  return form && (form.contains(document.activeElement) || [...form.elements].some((one) => "defaultValue" in one && one.type !== "hidden" && one.value !== one.defaultValue));
};

// What is asked for last is shown, however late an earlier answer comes; what could not be had is asked for again.
let asked = 0;
async function follow() {
  const mine = ++asked;
  let answer;
  let html = null;
  try {
    answer = await fetch(location.pathname + location.search);
    if (answer.ok && !answer.redirected) html = await answer.text();
  } catch {
    // Without a network there is none.
  }
  if (mine !== asked) return;
  if (html !== null) show(parse(html));
  else if (!answer || answer.status === 429 || answer.status >= 500) setTimeout(() => mine === asked && follow(), AGAIN_SECONDS * 1000);
}

function show(page) {
  for (const place of document.querySelectorAll("[data-follows]")) {
    if (place.matches(".pay") && isWriting()) continue;
    // What is being undone stays until it is over.
    if (place === payments && place.querySelector(".gone-line")) continue;
    const fresh = page.getElementById(place.id);
    if (fresh?.innerHTML === place.innerHTML) continue;
    const focused = document.activeElement !== place && place.contains(document.activeElement) ? document.activeElement : null;
    const isOpen = place.querySelector("details")?.open;
    place.replaceChildren(...(fresh?.childNodes ?? []));
    if (!focused) continue;
    if (isOpen) place.querySelector("details")?.setAttribute("open", "");
    // Whoever stands on something stands on the same one, or where it was.
    const again = focused.matches("summary") ? place.querySelector("summary") : [...place.querySelectorAll("a")].find((one) => one.href === focused.href);
    (again ?? payments ?? document.getElementById("page")).focus({ preventScroll: true });
  }
}

listen(document.querySelector("[data-live]"), follow);
if (payments) changeable(payments, { parse: (html) => parse(html).body, place() {}, tidy: follow });
