// The stream of what happens, and the dot that says whether it flows. A page that nobody sees lets it go, since a browser
// has only a few connections, and takes it up again where it was.
const HIDDEN_SECONDS = 30;
const AGAIN_SECONDS = 5;

export function listen(dot, onNews) {
  const { live, on, wait, off, signedOut, gone } = dot.dataset;
  let last = dot.dataset.after;
  let source = null;
  let again = 0;
  let hiding = 0;

  const say = (state, text) => {
    dot.hidden = false;
    dot.className = `live ${state}`;
    dot.title = text;
    const said = dot.querySelector("[data-state]");
    if (said.textContent !== text) said.textContent = text;
  };

  const trouble = () => (navigator.onLine ? say("wait", wait) : say("off", off));

  // A stream does not tell why it was refused; the page does.
  async function isOver() {
    try {
      const { status } = await fetch(location.pathname, { method: "HEAD", headers: { "X-Part": "1" } });
      const why = { 401: signedOut, 404: gone }[status];
      if (why) say("off", why);
      return Boolean(why);
    } catch {
      return false;
    }
  }

  function open() {
    clearTimeout(again);
    source?.close();
    source = new EventSource(`${live}${live.includes("?") ? "&" : "?"}after=${last}`);
    source.addEventListener("open", () => say("on", on));
    source.addEventListener("news", (event) => {
      last = event.lastEventId;
      onNews(JSON.parse(event.data));
    });
    // It was away for so long that nobody knows what it missed.
    source.addEventListener("swept-away", () => {
      source.close();
      location.reload();
    });
    source.addEventListener("error", async ({ target }) => {
      if (target.readyState !== EventSource.CLOSED) return trouble();
      if (await isOver() || target !== source) return;
      say("off", off);
      again = setTimeout(open, AGAIN_SECONDS * 1000);
    });
  }

  document.addEventListener("visibilitychange", () => {
    clearTimeout(hiding);
    if (document.hidden) {
      hiding = setTimeout(() => {
        clearTimeout(again);
        source.close();
        source = null;
      }, HIDDEN_SECONDS * 1000);
    } else if (!source) open();
  });
  addEventListener("offline", () => say("off", off));
  addEventListener("online", open);
  addEventListener("pagehide", () => source?.close());
  addEventListener("pageshow", (event) => event.persisted && open());
  say("wait", wait);
  open();
}
