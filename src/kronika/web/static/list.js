// A list that follows what is written in its form. Without this, the form's button does the same.

const form = document.querySelector("form[data-live]");
const told = document.querySelector("#told");
let asking = null;
let timer = 0;

function wanted() {
  const wishes = [...new FormData(form)].filter(([, wish]) => wish);
  const query = new URLSearchParams(wishes).toString();
  return form.getAttribute("action") + (query ? `?${query}` : "");
}

async function follow() {
  clearTimeout(timer);
  const address = wanted();
  asking?.abort();
  const mine = (asking = new AbortController());
  try {
    const answer = await fetch(address, { signal: mine.signal });
    if (answer.redirected || !answer.ok) {
      // The session has ended, or something broke: the page itself says it best.
      location.assign(address);
      return;
    }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (mine !== asking) return;
    for (const place of document.querySelectorAll("[data-follows]")) {
      place.replaceChildren(...(page.getElementById(place.id)?.childNodes ?? []));
    }
    history.replaceState(null, "", address);
    form.classList.remove("failed");
  } catch {
    if (mine !== asking || mine.signal.aborted) return;
    told.textContent = form.dataset.failed;
    form.classList.add("failed");
  }
}

for (const button of form.querySelectorAll("[data-plain]")) button.hidden = true;

form.addEventListener("input", (event) => {
  if (event.isComposing) return;
  clearTimeout(timer);
  timer = setTimeout(follow, event.target.tagName === "SELECT" ? 0 : 150);
});
form.addEventListener("compositionend", () => form.dispatchEvent(new Event("input")));
form.addEventListener("submit", (event) => {
  event.preventDefault();
  follow();
});
