// Pictures and PDFs of an event, shown over the page. Without a viewer for PDFs, as on phones, their links do as they say.
const canShow = (link) => link.dataset.preview === "img" || navigator.pdfViewerEnabled;

export function preview(root, dialog) {
  const place = dialog.querySelector("[data-place]");
  let links = [];
  let at = 0;

  function show(number) {
    at = (number + links.length) % links.length;
    const { href, title, dataset } = links[at];
    const shown = document.createElement(dataset.preview);
    shown[dataset.preview === "img" ? "alt" : "title"] = title;
    shown.src = href;
    place.replaceChildren(shown);
    dialog.querySelector("h2").textContent = title;
    dialog.querySelector("[data-open]").href = href;
    for (const step of dialog.querySelectorAll("[data-step]")) step.hidden = links.length < 2;
  }

  root.addEventListener("click", (event) => {
    const link = event.target.closest("[data-preview]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || !canShow(link)) return;
    event.preventDefault();
    links = [...link.closest(".files").querySelectorAll("[data-preview]")].filter(canShow);
    show(links.indexOf(link));
    dialog.showModal();
  });
  dialog.addEventListener("click", (event) => {
    const step = event.target.closest("[data-step]");
    if (step) show(at + Number(step.dataset.step));
    // Beside it.
    else if (event.target === dialog) dialog.close();
  });
  dialog.addEventListener("keydown", ({ key }) => {
    if (links.length > 1 && (key === "ArrowLeft" || key === "ArrowRight")) show(at + (key === "ArrowLeft" ? -1 : 1));
  });
  dialog.addEventListener("close", () => place.replaceChildren());
}
