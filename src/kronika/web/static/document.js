// The page of a document follows what happens to it, and payments are deleted after a while in which it can be undone.
import { changeable } from "./editing.js";
import { listen } from "./live.js";

const payments = document.getElementById("payments");
const parse = (html) => new DOMParser().parseFromString(html, "text/html");

// Who is writing goes on writing.
const isWriting = () => {
  const form = document.querySelector("[data-payment]");
  return form && (form.contains(document.activeElement) || [...form.elements].some((one) => "defaultValue" in one && one.type !== "hidden" && one.value !== one.defaultValue));
};

async function follow() {
  let answer;
  try {
    answer = await fetch(location.pathname + location.search);
  } catch {
    return;
  }
  if (!answer.ok || answer.redirected) return;
  const page = parse(await answer.text());
  for (const place of document.querySelectorAll("[data-follows]")) {
    if (place.matches(".pay") && isWriting()) continue;
    // What is being undone stays until it is over.
    if (place === payments && place.querySelector(".gone-line")) continue;
    place.replaceChildren(...(page.getElementById(place.id)?.childNodes ?? []));
  }
}

listen(document.querySelector("[data-live]"), follow);
if (payments) changeable(payments, { parse: (html) => parse(html).body, place() {}, tidy: follow });
