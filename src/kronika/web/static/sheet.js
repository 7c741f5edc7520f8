// On a phone the composer is a row of its kinds; choosing one opens it as a sheet. What is typed stays when it closes.
export function asSheet(form) {
  const isSmall = matchMedia("(width < 720px)");
  const closing = form.querySelector("[data-close]");
  const isOpen = () => form.classList.contains("open");

  function open() {
    form.classList.add("open");
    closing.hidden = false;
  }

  // Whether there was something to close.
  function close() {
    const was = isOpen();
    form.classList.remove("open");
    closing.hidden = true;
    return was && isSmall.matches;
  }

  for (const kind of form.querySelectorAll("[name=type]")) {
    kind.addEventListener("click", (event) => {
      if (!isSmall.matches) return;
      open();
      // With the arrow keys one is still choosing.
      if (event.screenX || event.screenY) first()?.focus();
    });
  }
  const first = () => [...form.querySelectorAll(".composer-fields :is(input:not([type=hidden], [type=file]), textarea)")].find((one) => one.offsetParent);
  const leave = () => close() && form.querySelector("[name=type]:checked").focus({ preventScroll: true });
  closing.addEventListener("click", leave);
  form.addEventListener("keydown", (event) => event.key === "Escape" && leave());
  // The focus never goes on behind it. What the sheet is in takes it where something else in the sheet is touched.
  form.addEventListener("focusout", ({ relatedTarget: to }) => to && !form.contains(to) && !to.contains(form) && close());
  if (form.querySelector(".error:not([hidden])")) open();

  return { close, mark: (has) => (form.querySelector("[data-draft]").hidden = !has) };
}
