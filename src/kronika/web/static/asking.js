// What scripts ask of the server: parts of pages, which come as HTML, and complaints, which come by field.
const ASIDE = { "X-Part": "1" };

// An answer in any case: without a network it has the status 0.
export async function ask(address, options = {}) {
  try {
    return await fetch(address, { ...options, headers: ASIDE });
  } catch {
    return { ok: false, status: 0 };
  }
}

// Sends a form; what is wrong is said beside the fields of `form`.
export async function send(address, data, options = {}, form = null) {
  const body = data instanceof FormData ? data : new URLSearchParams(data);
  const answer = await ask(address, { method: "POST", body, ...options });
  if (form) {
    clear(form);
    if (answer.status === 422) {
      const { errors = {} } = await answer.json();
      complain(form, errors);
      answer.isReused = "key" in errors;
      answer.isOutdated = "seen" in errors;
    } else if (!answer.ok) trouble(form, reason(answer.status));
  }
  return answer;
}

function reason(status) {
  const words = document.querySelector("[data-composer]").dataset;
  if (status === 401) return words.signedOut;
  return status === 0 || status >= 500 || status === 409 || status === 429 ? words.offline : words.refused;
}

export function clear(form) {
  for (const one of form.querySelectorAll(".error.told-now")) one.remove();
  for (const one of form.querySelectorAll("[aria-invalid]")) {
    one.removeAttribute("aria-invalid");
    one.removeAttribute("aria-errormessage");
  }
  form.querySelector("[data-trouble]").hidden = true;
}

// Something to know, or something wrong.
export function trouble(form, text, isWrong = true) {
  const line = form.querySelector("[data-trouble]");
  line.textContent = text;
  line.className = isWrong ? "error" : "hint";
  line.hidden = false;
}

let numbers = 0;
export function complain(form, errors) {
  const others = [];
  for (const [name, sentences] of Object.entries(errors)) {
    const field = form.querySelector(`[name="${CSS.escape(name)}"]:not([type=hidden], [type=file])`);
    if (!field || !field.offsetParent) {
      others.push(...sentences);
      continue;
    }
    const said = Object.assign(document.createElement("p"), { className: "error told-now", id: `told-${++numbers}`, textContent: sentences.join(" ") });
    field.after(said);
    field.setAttribute("aria-invalid", "true");
    field.setAttribute("aria-errormessage", said.id);
  }
  if (others.length) trouble(form, others.join(" "));
  form.querySelector("[aria-invalid]")?.focus();
}

// What is typed into a form survives a reload: in this tab first, else as it was left last.
export function keepDraft(form, place) {
  const stores = [sessionStorage, localStorage];
  const fields = () => [...form.elements].filter((one) => one.name && ["text", "email", "tel", "textarea"].includes(one.type));
  const each = (work) => {
    for (const store of stores) {
      try {
        work(store);
      } catch {
        // No room, or none allowed: what is typed is still in the page.
      }
    }
  };
  form.addEventListener("input", () => {
    const texts = JSON.stringify(Object.fromEntries(fields().map((one) => [one.name, one.value])));
    each((store) => store.setItem(place, texts));
  });
  return {
    // Whether there was something else than the form says.
    restore() {
      let texts = null;
      each((store) => (texts ??= JSON.parse(store.getItem(place))));
      const other = texts ? fields().filter((one) => one.name in texts && one.value !== texts[one.name]) : [];
      for (const one of other) one.value = texts[one.name];
      return other.length > 0;
    },
    forget: () => each((store) => store.removeItem(place)),
  };
}

// Documents to choose from, as their number is typed.
export function offerDocuments(field, place, address) {
  let typed = 0;
  field.addEventListener("input", () => {
    clearTimeout(typed);
    typed = setTimeout(async () => {
      const asked = field.value;
      const answer = await ask(`${address}${address.includes("?") ? "&" : "?"}number=${encodeURIComponent(asked)}`);
      if (answer.ok && asked === field.value) place.innerHTML = await answer.text();
    }, 120);
  });
}
