// What the frame can do beyond HTML. Every page works without it.

// Menus that hang down close on a click elsewhere, when the focus goes on, and with Escape, which gives the focus back.
document.addEventListener("click", (event) => {
  for (const drop of document.querySelectorAll("details.drop[open]")) {
    if (!drop.contains(event.target)) drop.open = false;
  }
});

document.addEventListener("focusout", (event) => {
  const drop = event.target.closest("details.drop[open]");
  // To nowhere it goes with a click, of which above.
  if (drop && event.relatedTarget && !drop.contains(event.relatedTarget)) drop.open = false;
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const tip of document.querySelectorAll(".tip:is(:hover, :focus-within)")) hush(tip);
  for (const drop of document.querySelectorAll("details.drop[open]")) {
    const inside = drop.contains(document.activeElement);
    drop.open = false;
    if (inside) drop.querySelector("summary").focus();
  }
});

// Where the browser keeps nothing, they cannot be turned off for longer than the page: then they are on.
function isOff() {
  try {
    return localStorage.getItem("keys") === "off";
  } catch {
    return false;
  }
}

// Single keys, unless they are turned off. What they do is fetched with the first that is pressed.
document.addEventListener("keydown", async (event) => {
  const { key, target } = event;
  if (!/^[?jknec]$/.test(key) || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (target.closest("textarea, select, dialog, [contenteditable], input:not([type=radio], [type=checkbox])")) return;
  if (isOff()) return;
  event.preventDefault();
  (await import("./keys.js")).press(key);
});
const keys = document.getElementById("keys");
if (keys) import("./keys.js").then(({ turning }) => turning(keys));

// What stands beside a page stands above it, closed, where there is no room.
const isNarrow = matchMedia("(width < 1000px)");
for (const about of document.querySelectorAll(".about")) {
  const fit = () => (about.open = !isNarrow.matches);
  fit();
  about.classList.add("chosen");
  isNarrow.addEventListener("change", fit);
}

// What a tip says goes with Escape too (WCAG 1.4.13), until pointer and focus have gone and come again.
function hush(tip) {
  tip.dataset.quiet = "";
  const left = new AbortController();
  const leave = () => {
    if (tip.matches(":hover, :focus-within")) return;
    delete tip.dataset.quiet;
    left.abort();
  };
  tip.addEventListener("pointerleave", leave, { signal: left.signal });
  tip.addEventListener("focusout", () => setTimeout(leave), { signal: left.signal });
}

// Copying needs a secure page (https, or this machine): where it is not to be had, there is no button.
if (navigator.clipboard) {
  for (const button of document.querySelectorAll("[data-copy-button]")) {
    const source = button.parentElement.querySelector("[data-copy]");
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(source.value ?? source.textContent);
      button.textContent = button.dataset.copied;
    });
  }
}

for (const field of document.querySelectorAll("input[data-copy]")) {
  field.addEventListener("focus", () => field.select());
}
