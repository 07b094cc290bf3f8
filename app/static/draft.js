// Keeps what is filled in on this device until it has been sent, so that a lost network or a closed
// browser costs nothing. One entry per page and permit; entries of other permits are removed.
const form = document.querySelector("form[data-draft]");
if (form) {
  const key = `minyi/${form.dataset.draft}`;
  const mine = key.slice(0, key.lastIndexOf("/") + 1);
  const wave = mine.slice(0, mine.lastIndexOf("/", mine.length - 2) + 1);
  const kept = read();
  for (const name of Object.keys(localStorage)) {
    if (name.startsWith(wave) && !name.startsWith(mine)) localStorage.removeItem(name);
  }
  if (kept && restore(kept)) say(form.dataset.restored);
  form.addEventListener("input", keep);
  form.addEventListener("change", keep);
  // Listens before send.js does, so that an offline press is not sent.
  form.addEventListener("submit", (event) => {
    keep();
    if (navigator.onLine) return;
    event.preventDefault();
    say(form.dataset.offline);
  });
  // The server has it; from now on its word counts.
  form.addEventListener("arrived", () => localStorage.removeItem(key));

  function read() {
    try {
      return JSON.parse(localStorage.getItem(key));
    } catch {
      return null;
    }
  }

  function keep() {
    try {
      localStorage.setItem(key, JSON.stringify([...new FormData(form)]));
    } catch {
      // Storage is full or forbidden: the page works without it.
    }
  }

  function restore(pairs) {
    let changed = false;
    const wanted = new Set(pairs.map(([name, value]) => `${name}=${value}`));
    const texts = new Map(pairs);
    for (const field of form.elements) {
      if (!field.name) continue;
      if (field.type === "radio" || field.type === "checkbox") {
        const checked = wanted.has(`${field.name}=${field.value}`);
        changed ||= checked !== field.checked;
        field.checked = checked;
      } else if (texts.has(field.name)) {
        changed ||= texts.get(field.name) !== field.value;
        field.value = texts.get(field.name);
      }
    }
    return changed;
  }

  function say(words) {
    let line = form.querySelector("[role=status]");
    if (!line) {
      line = document.createElement("p");
      line.className = "notice";
      line.setAttribute("role", "status");
      form.querySelector(".actions").prepend(line);
    }
    line.textContent = words;
  }
}
