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

export function trouble(form, text) {
  const line = form.querySelector("[data-trouble]");
  line.textContent = text;
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

// Documents to choose from, as their number is typed.
export function offerDocuments(field, place, address) {
  let typed = 0;
  field.addEventListener("input", () => {
    clearTimeout(typed);
    typed = setTimeout(async () => {
      const asked = field.value;
      const answer = await ask(`${address}?number=${encodeURIComponent(asked)}`);
      if (answer.ok && asked === field.value) place.innerHTML = await answer.text();
    }, 120);
  });
}
