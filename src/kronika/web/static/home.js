// Tells what was on the page when its reader looks away: that is not new the next time.
const root = document.getElementById("timeline");

addEventListener("visibilitychange", () => {
  const shown = [...root.querySelectorAll("[id^=event-]")].map((one) => +one.dataset.id);
  if (document.visibilityState !== "hidden" || !shown.length) return;
  const body = new URLSearchParams({ form_token: root.dataset.token, event: Math.max(...shown) });
  fetch(root.dataset.leave, { method: "POST", body, headers: { "X-Part": "1" }, keepalive: true }).catch(() => {});
});
