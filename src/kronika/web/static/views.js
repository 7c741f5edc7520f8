// Whether cases are looked at as a board or as a list: what is chosen is kept for the menu (frame.js).
document.querySelector("[data-views]").addEventListener("click", ({ target }) => {
  const { view } = target.closest("[data-view]")?.dataset ?? {};
  try {
    if (view) localStorage.setItem("cases view", view);
  } catch {
    // Nothing can be kept here.
  }
});
