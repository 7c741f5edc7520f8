// The composer: keeps what is typed until it is surely saved, sends files ahead, and asks again with the same key.
import { asSheet } from "./sheet.js";
import { clear, complain, offerDocuments, send, trouble } from "./asking.js";

const TEXTS = ["type", "email", "personName", "phoneNumber", "number", "content"];
// Files that wait are let go by the server after a day.
const KEPT_MS = 23 * 3600 * 1000;

function newKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function compose(form, onSaved) {
  const words = form.dataset;
  const field = (name) => form.elements[name];
  const list = form.querySelector("[data-kept]");
  const button = form.querySelector("[data-send]");
  const place = `draft ${words.user} ${location.pathname}`;
  const begun = Object.fromEntries(TEXTS.map((name) => [name, field(name).defaultValue ?? ""]));
  begun.type = "note";
  const uploads = new Set();
  const sheet = asSheet(form);
  let busy = false;
  let wanted = false;
  let saved = null;

  form.classList.add("scripted");
  form.querySelector("[data-hint]").hidden = matchMedia("(hover: none)").matches;
  if (navigator.platform.startsWith("Mac")) {
    const hint = form.querySelector("[data-hint]");
    hint.textContent = hint.textContent.replace("Ctrl+Enter", "⌘⏎");
  }
  for (const kept of list.querySelectorAll("input")) {
    addKept(kept.value);
    kept.closest("li").remove();
  }

  // The draft: this tab's own, else the one that was left last.
  const own = () => field("key").value;
  function keep() {
    const texts = Object.fromEntries(TEXTS.map((name) => [name, field(name).value]));
    const kept = [...form.querySelectorAll('input[type=hidden][name="kept"]')].map((one) => one.value);
    const isEmpty = !kept.length && TEXTS.every((name) => texts[name] === begun[name]);
    sheet.mark(!isEmpty);
    try {
      for (const store of [sessionStorage, localStorage]) {
        if (!isEmpty) store.setItem(place, JSON.stringify({ texts, kept, key: own(), at: Date.now() }));
        else if (store === sessionStorage || [saved, own()].includes(JSON.parse(store.getItem(place))?.key)) store.removeItem(place);
      }
    } catch {
      // No room, or none allowed: what is typed is still in the page.
    }
  }

  function restore() {
    let draft = null;
    try {
      draft = JSON.parse(sessionStorage.getItem(place) ?? localStorage.getItem(place));
    } catch {
      return;
    }
    // What the server shows again came later.
    if (!draft?.texts || form.querySelector(".error:not([hidden])")) return;
    for (const name of TEXTS) if (typeof draft.texts[name] === "string") field(name).value = draft.texts[name];
    if (typeof draft.key === "string") field("key").value = draft.key;
    if (Date.now() - draft.at < KEPT_MS) for (const value of draft.kept ?? []) addKept(value);
    sheet.mark(true);
    if (field("type").value === "document_linked") field("number").dispatchEvent(new Event("input"));
  }

  function begin() {
    form.reset();
    for (const name of TEXTS) field(name).value = begun[name];
    saved = own();
    field("key").value = newKey();
    list.replaceChildren();
    form.querySelector("[data-found]").replaceChildren();
    keep();
  }

  // Who writes on does not want it sent any more when its files are there.
  function waitNoMore() {
    if (!wanted) return;
    wanted = false;
    clear(form);
  }

  // Files
  function row(name, label, onEnd) {
    const item = document.createElement("li");
    const said = Object.assign(document.createElement("span"), { className: "cut", textContent: name });
    const end = Object.assign(document.createElement("button"), { type: "button", className: "button plain", textContent: "×" });
    end.ariaLabel = label.replace("…", name);
    end.title = end.ariaLabel;
    end.addEventListener("click", () => {
      onEnd?.();
      item.remove();
      waitNoMore();
      keep();
      field("content").focus();
    });
    item.append(said, end);
    list.append(item);
    return item;
  }

  function addKept(value, item = null) {
    const [, , ...name] = value.split(" ");
    const made = row(name.join(" "), words.remove);
    made.append(Object.assign(document.createElement("input"), { type: "hidden", name: "kept", value }));
    item?.replaceWith(made);
  }

  function upload(file) {
    const request = new XMLHttpRequest();
    const over = () => uploads.delete(request);
    const item = row(file.name, words.cancel, () => {
      request.abort();
      over();
    });
    const bar = Object.assign(document.createElement("progress"), { max: 1, value: 0 });
    bar.ariaLabel = file.name;
    item.firstChild.after(bar);
    uploads.add(request);
    // What was refused would be refused again; what was lost on the way is sent again with the form.
    const fail = (why) => {
      over();
      waitNoMore();
      bar.remove();
      item.classList.add("failed");
      item.firstChild.textContent = `${file.name}: ${why || words.failed}`;
      if (!why) {
        item.again = () => {
          item.remove();
          upload(file);
        };
      }
    };
    request.upload.addEventListener("progress", (event) => (bar.value = event.loaded / event.total));
    request.addEventListener("error", () => fail());
    request.addEventListener("load", () => {
      const answer = request.response ?? {};
      if (request.status !== 201) return fail(Object.values(answer.errors ?? {}).flat().join(" "));
      over();
      for (const value of answer.kept) addKept(value, item);
      keep();
      if (wanted && !uploads.size) form.requestSubmit();
    });
    request.open("POST", words.uploads);
    request.setRequestHeader("X-Part", "1");
    request.responseType = "json";
    const body = new FormData();
    body.append("form_token", field("form_token").value);
    body.append("files", file);
    request.send(body);
  }

  const takesFiles = () => field("type").value !== "document_linked";
  const take = (files) => takesFiles() && [...files].forEach(upload);
  field("files").addEventListener("change", (event) => {
    take(event.target.files);
    event.target.value = "";
  });
  form.addEventListener("paste", (event) => {
    if (!event.clipboardData.files.length) return;
    event.preventDefault();
    take(event.clipboardData.files);
  });
  const bringsFiles = (event) => event.dataTransfer?.types.includes("Files");
  for (const name of ["dragover", "dragleave", "drop"]) {
    form.addEventListener(name, (event) => {
      if (!bringsFiles(event)) return;
      event.preventDefault();
      form.classList.toggle("over", name === "dragover");
      if (name === "drop") take(event.dataTransfer.files);
    });
  }
  // A file that is dropped beside it must not take the page away.
  for (const name of ["dragover", "drop"]) addEventListener(name, (event) => bringsFiles(event) && event.preventDefault());

  // Sending
  function isFilled() {
    const needed = { note: ["content"], email: ["email", "content"], phone_call: ["personName", "content"], document_linked: ["number"] };
    const isChosen = form.querySelector("[name=document]:checked") !== null;
    const missing = needed[field("type").value].filter((name) => !field(name).value.trim() && !(name === "number" && isChosen));
    clear(form);
    complain(form, Object.fromEntries(missing.map((name) => [name, [words.required]])));
    return !missing.length;
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (busy || !isFilled()) return;
    if (takesFiles()) {
      const failed = [...list.querySelectorAll(".failed")];
      if (failed.some((item) => !item.again)) return trouble(form, words.unsent);
      for (const item of failed) item.again();
      wanted = uploads.size > 0;
      if (wanted) return trouble(form, words.waiting, false);
    }
    busy = true;
    keep();
    const said = () => JSON.stringify(TEXTS.map((name) => field(name).value));
    const asked = said();
    const label = button.textContent;
    button.textContent = words.sending;
    const sent = new FormData(form);
    sent.delete("files");
    const answer = await send(form.action, sent, {}, form);
    button.textContent = label;
    busy = false;
    if (answer.ok) {
      const texts = Object.fromEntries(TEXTS.map((name) => [name, field(name).value]));
      const isWritingOn = said() !== asked;
      begin();
      // What was written while it was on its way is the next one.
      if (isWritingOn) {
        for (const name of TEXTS) field(name).value = texts[name];
        keep();
      }
      onSaved(await answer.text());
      if (!isWritingOn && !sheet.close()) field("content").focus({ preventScroll: true });
    } else if (answer.isReused) {
      // What was saved is something else by now: the next try is a new one.
      field("key").value = newKey();
      keep();
    }
  });
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      form.requestSubmit();
    } else if (event.target.matches("input:not([type=radio], [type=file])") && takesFiles()) {
      // One line is filled: on to the text.
      event.preventDefault();
      field("content").focus();
    }
  });
  form.addEventListener("input", () => {
    waitNoMore();
    keep();
  });
  for (const kind of form.querySelectorAll("[name=type]")) {
    kind.addEventListener("change", () => kind.value === "document_linked" && field("number").dispatchEvent(new Event("input")));
  }
  form.addEventListener("change", keep);
  offerDocuments(field("number"), form.querySelector("[data-found]"), words.linkable);
  restore();
}
