// Sends a form once, and goes on trying while the server has more to do than it can or is out of
// reach. The page stays, with all that is filled in; pressing again tries at once.

function sendByItself(form) {
  const button = form.querySelector("button");
  let wait = null;
  form.addEventListener("submit", async (event) => {
    if (event.defaultPrevented) return;
    event.preventDefault();
    if (wait) return wait.end();
    wait = new Wait(button, form.dataset.once);
    const reply = await persist(wait, () => post(form));
    const address = reply.headers.get("minyi-location");
    if (!address) return show(reply).catch(() => form.submit());
    form.dispatchEvent(new Event("arrived"));
    lead(address);
  });
  // The page may come back from the browser's memory.
  addEventListener("pageshow", () => {
    wait = null;
    button.removeAttribute("aria-disabled");
  });
}

async function openByItself(button) {
  const wait = new Wait(button, button.dataset.again);
  await wait.seconds(delay(null, 3));
  await persist(wait, () => fetch(location.href));
  location.reload();
}

// What is on the page now, not when the button was first pressed.
function post(form) {
  return fetch(form.getAttribute("action"), {
    method: "POST",
    body: new URLSearchParams(new FormData(form)),
    headers: { "minyi-script": "1" },
    signal: AbortSignal.timeout?.(30_000),
  });
}

async function persist(wait, ask) {
  for (let tries = 1; ; tries++) {
    wait.button.setAttribute("aria-disabled", "true");
    const reply = await ask().catch(() => null);
    if (reply && !passes(reply)) return reply;
    wait.button.removeAttribute("aria-disabled");
    await wait.seconds(delay(reply, tries));
  }
}

// A refusal that will pass by itself: ours, or of a proxy before us. Others are for the reader.
function passes(reply) {
  const problem = reply.headers.get("minyi-problem") ?? "overloaded";
  return [429, 502, 503, 504].includes(reply.status) && ["overloaded", "storage-unavailable"].includes(problem);
}

// As long as the server asks for and some more each time, never together with all the others.
function delay(reply, tries) {
  const asked = Number(reply?.headers.get("retry-after")) || 1;
  return Math.min(asked, 120) + Math.random() * Math.min(60, 2 ** tries);
}

class Wait {
  constructor(button, words) {
    this.button = button;
    this.words = words;
    this.end = () => {};
    this.line = button.parentElement.querySelector("[role=status]") ?? document.createElement("p");
    this.line.setAttribute("role", "status");
    button.before(this.line);
  }

  seconds(n) {
    this.line.className = "notice";
    this.line.textContent = this.words.replace("{seconds}", Math.ceil(n));
    this.button.scrollIntoView({ block: "nearest" });
    return new Promise((resolve) => {
      this.end = resolve;
      setTimeout(resolve, n * 1000);
    });
  }
}

function lead(address) {
  const next = new URL(address, location.href);
  const same = next.pathname + next.search === location.pathname + location.search;
  location.assign(next);
  if (same) location.reload();
}

// The form again with what is wrong in it, or another page: sending it twice would count as two tries.
async function show(reply) {
  const page = new DOMParser().parseFromString(await reply.text(), "text/html");
  const focused = page.querySelector("[autofocus]") ?? page.querySelector("main");
  focused.removeAttribute("autofocus"); // a browser heeds it once per document, and complains
  document.title = page.title;
  document.body.replaceWith(page.body);
  scrollTo(0, 0);
  focused.focus();
  // Run for the page before, scripts would not run again under the same address.
  for (const script of page.scripts) import(`${script.src}#${performance.now()}`);
}

for (const form of document.querySelectorAll("form[data-once]")) sendByItself(form);
const link = document.querySelector("a[data-again]");
if (link) openByItself(link);
