// The keying page: one key per answer, the next field by itself, a big echo of what was keyed. Three
// stages: the serial, the fields, a last look. Every key is kept on the disk as a draft. At a call
// station the server gives out the sheets, and an introduction with the outcomes precedes the fields.
const desk = document.querySelector("#desk");
const { openQueue } = await import(desk.dataset.queue);
const rules = await import(desk.dataset.rules);
const calls = desk.dataset.calls ? await import(desk.dataset.calls) : null;
let plan = JSON.parse(desk.dataset.plan);
const say = JSON.parse(desk.dataset.words);
const range = JSON.parse(desk.dataset.range);
const queue = await openQueue(desk.dataset.keyer, desk.dataset.address);
const at = (id) => document.getElementById(id);
const entry = at("entry");
const RETRY = 10_000;
const INTRODUCTION = -1;
let form = null; // { serial, number, marks, place, began }, and of a call { attempt, plan }
let last = 0;
let leaving = false;
let chosen = "";

const draft = await queue.takeDraft();
if (draft) begin(draft);
else askSerial();
desk.hidden = false;
focus();
await showQueue();
document.addEventListener("keydown", onKey);
at("sheet").addEventListener("click", onJump);
at("queue").addEventListener("click", onQueueButton);
window.addEventListener("online", send);
setInterval(send, RETRY);
send();
keepPage();

function onKey(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  if (event.target.closest("a, button")) return;
  if (event.repeat && event.key !== "Backspace") return event.preventDefault();
  if (form === null) return onSerialKey(event);
  if (event.key === "Escape") return calls ? backToIntroduction(event) : leave(event);
  leaving = false;
  if (form.place === INTRODUCTION) return onIntroductionKey(event);
  if (form.place === plan.length) return onLastLookKey(event);
  const field = plan[form.place];
  return rules.isTyped(field) ? onTypedKey(event, field) : onChoiceKey(event, field);
}

function onSerialKey(event) {
  if (event.key !== "Enter") return;
  event.preventDefault();
  const typed = entry.value.trim() || proposed();
  if (calls) takeCall(typed);
  else if (typed) takeSerial(typed);
}

// Without a serial, the next number to be called. What is over is told first, or the server would
// give the same number again.
async function takeCall(typed) {
  const found = typed ? rules.readSerial(typed, range) : { serial: "" };
  if (found.fault) return refuseSerial(found.fault);
  await send();
  const sheet = await calls.openCall(desk.dataset.address, found.serial, say);
  if (form !== null) return;
  const known = sheet.serial && (await queue.find(sheet.serial));
  if (known?.state === "waiting") return warn(say.noCallOffline);
  if (sheet.refused) return warn(sheet.refused);
  begin({ ...sheet, marks: known?.marks ?? {}, place: INTRODUCTION, seconds: 0 });
  keep();
}

function onIntroductionKey(event) {
  const result = calls.resultOf(event.key);
  if (!result) return;
  event.preventDefault();
  if (result === "completed") go(0);
  else if (result === chosen) finish(result);
  else warn(say.again.replace("{outcome}", calls.labelOf(result)));
  chosen = result;
}

function backToIntroduction(event) {
  event.preventDefault();
  if (form.place === INTRODUCTION) return warn(say.needsOutcome);
  chosen = "";
  go(INTRODUCTION);
}

async function takeSerial(typed) {
  const found = rules.readSerial(typed, range);
  const known = found.serial && (await queue.find(found.serial));
  if (found.fault) return refuseSerial(found.fault);
  if (known && known.state !== "refused") return refuseSerial("keyed-here");
  const { serial, number } = found;
  begin({ serial, number, marks: known?.marks ?? {}, place: 0, seconds: 0 });
  keep();
  focus();
}

function refuseSerial(code) {
  entry.value = "";
  warn(say.faults[code]);
}

function begin({ seconds: spent, id, ...sheet }) {
  plan = sheet.plan ?? plan;
  chosen = "";
  form = { ...sheet, began: performance.now() - spent * 1000 };
  echo("", form.serial);
  show();
}

function onChoiceKey(event, field) {
  const own = field.keys.find((one) => one.key === event.key.toLowerCase());
  if (own && field.kind === "several") mark(field, rules.toggled(field, marked(field), own.mark));
  else if (own) answer(field, own.mark);
  else if (!onSign(event.key, field) && !onMove(event.key)) return;
  event.preventDefault();
}

function onTypedKey(event, field) {
  if (entry.value === "" && onSign(event.key, field)) return event.preventDefault();
  if (event.key === "Backspace" && entry.value !== "") return;
  if (!["Enter", "ArrowUp", "ArrowDown", "Backspace"].includes(event.key)) return;
  event.preventDefault();
  const read = rules.readTyped(field, entry.value);
  if (read === null) return warn(say.notReadable);
  mark(field, read);
  onMove(event.key);
}

// Signs for every question. A minus may begin a number, so there only Enter means blank.
function onSign(key, field) {
  const sign = { "?": "?", "/": "?", "？": "?", "*": "*", "-": "" }[key];
  if (sign === undefined || (key === "-" && rules.isTyped(field))) return false;
  if (calls && sign !== "") return false; // nothing is illegible on the telephone
  answer(field, sign);
  return true;
}

function onMove(key) {
  if (key === "Enter" || key === "ArrowDown") {
    const field = plan[form.place];
    echo(label(field), rules.words(field, marked(field), say));
    go(form.place + 1);
  } else if (key === "Backspace" || key === "ArrowUp") go(Math.max(calls ? INTRODUCTION : 0, form.place - 1));
  else return false;
  return true;
}

function onLastLookKey(event) {
  if (event.key === "Backspace" || event.key === "ArrowUp") go(plan.length - 1);
  else if (event.key === "Enter") finish();
  else return;
  event.preventDefault();
}

function answer(field, value) {
  mark(field, value);
  echo(label(field), rules.words(field, value, say));
  go(form.place + 1);
}

function mark(field, value) {
  if (value === "") delete form.marks[field.code];
  else form.marks[field.code] = value;
  keep();
  show();
}

function marked(field) {
  return form.marks[field.code] ?? "";
}

function seconds() {
  return Math.min(86_000, (performance.now() - form.began) / 1000);
}

function go(place) {
  const before = plan[form.place];
  form.place = calls ? rules.nextAsked(plan, form.marks, place, form.place) : place;
  keep();
  show();
  const warning = before && place > 0 ? rules.warningOf(before, form.marks) : "";
  warn(warning && `${label(before)}: ${say.warnings[warning]}`);
}

function keep() {
  const { began, ...sheet } = form;
  queue.keepDraft({ ...sheet, seconds: seconds() }).catch(full);
}

// The form is on the disk before the next one can begin. `result`: of a call without an interview.
async function finish(result) {
  const done = form;
  const { serial, attempt, marks } = done;
  try {
    await queue.add({ serial, attempt, result, marks, seconds: seconds() });
  } catch {
    return full();
  }
  if (form !== done) return;
  form = null;
  last = done.number;
  echo(say.kept, result ? `${serial} · ${calls.labelOf(result)}` : serial);
  askSerial();
  await showQueue();
  send();
}

function full() {
  warn(say.diskFull);
}

// Escape twice puts the form away unkeyed.
async function leave(event) {
  event.preventDefault();
  if (!leaving) {
    leaving = true;
    return warn(say.leave);
  }
  leaving = false;
  form = null;
  await queue.keepDraft(null);
  askSerial();
}

function proposed() {
  return !calls && last && last < range.last ? rules.serialOf(range.wave, last + 1) : "";
}

function askSerial() {
  at("place").textContent = "";
  at("question").textContent = say.serial;
  at("keys").replaceChildren();
  at("sheet").replaceChildren();
  calls?.showIntroduction(false);
  tell({});
  at("help").textContent = proposed() ? say.nextSerial.replace("{serial}", proposed()) : say.scan;
  entry.value = "";
  entry.hidden = false;
  entry.maxLength = 40;
  warn("");
  focus();
}

function show() {
  showSheet();
  calls?.showIntroduction(form.place === INTRODUCTION);
  if (form.place === INTRODUCTION) return showIntroduction();
  if (form.place === plan.length) return showLastLook();
  const field = plan[form.place];
  tell(field);
  at("place").textContent = `${form.serial} · ${form.place + 1} / ${plan.length}`;
  at("question").textContent = label(field);
  at("keys").replaceChildren(...field.keys.filter((one) => one.key).map((one) => key(field, one)));
  at("help").textContent = say.help[field.kind];
  entry.hidden = !rules.isTyped(field);
  if (!entry.hidden && entry.dataset.field !== field.code) entry.value = marked(field);
  entry.dataset.field = field.code;
  entry.maxLength = 5000;
  focus();
}

// What else is read out; a keyer at paper has it before them.
function tell({ introduction = "", hint = "", help = "" }) {
  at("aloud").textContent = introduction;
  at("note").textContent = [hint, help].filter(Boolean).join(" ");
}

function showIntroduction() {
  tell({});
  at("place").textContent = `${form.serial} · ${say.attempt.replace("{n}", form.attempt)}`;
  at("question").textContent = say.introduction;
  at("keys").replaceChildren();
  at("help").textContent = say.help.introduction;
  entry.hidden = true;
  entry.dataset.field = "";
  focus();
}

function showLastLook() {
  tell({});
  const warned = plan.filter((field) => rules.warningOf(field, form.marks));
  at("place").textContent = form.serial;
  at("question").textContent = say.lastLook;
  at("keys").replaceChildren(
    ...warned.map((field) => item(`${label(field)}: ${say.warnings[rules.warningOf(field, form.marks)]}`)),
  );
  at("help").textContent = say.help.lastLook;
  entry.hidden = true;
  entry.dataset.field = "";
  focus();
}

function key(field, { key, mark: code, text }) {
  const line = item("");
  const cap = document.createElement("kbd");
  cap.textContent = key;
  line.append(cap, ` ${key === code ? "" : `${code} · `}${text}`);
  line.classList.toggle("chosen", marked(field).split(";").includes(code));
  return line;
}

function item(text) {
  const line = document.createElement("li");
  line.textContent = text;
  return line;
}

function label(field) {
  const department = field.department || say.row.replace("{n}", field.row);
  const row = field.row ? ` · ${department} · ${field.aspect}` : "";
  return `${field.number}. ${field.text}${row}`;
}

function showSheet() {
  at("sheet").replaceChildren(...plan.map((field, place) => cell(field, place)));
  at("sheet").children[form.place]?.scrollIntoView({ block: "nearest" });
}

function cell(field, place) {
  const line = document.createElement("li");
  const button = document.createElement("button");
  const name = field.row ? `${field.number}.${field.row} ${field.aspect}` : `${field.number}`;
  button.type = "button";
  button.tabIndex = -1;
  button.dataset.place = place;
  button.textContent = `${name} ${marked(field) || (place < form.place ? "–" : "")}`;
  line.classList.toggle("current", place === form.place);
  line.classList.toggle("warned", place < form.place && Boolean(rules.warningOf(field, form.marks)));
  line.append(button);
  return line;
}

function onJump(event) {
  const place = event.target.dataset.place;
  if (form === null || place === undefined) return;
  go(Number(place));
  focus();
}

function focus() {
  (entry.hidden ? desk : entry).focus();
  if (!entry.hidden) entry.select();
}

function echo(what, value) {
  at("echo-what").textContent = what;
  at("echo").textContent = value;
}

function warn(text) {
  at("warning").textContent = text ?? "";
}

async function showQueue() {
  const forms = await queue.list();
  const count = (state) => forms.filter((one) => one.state === state).length;
  for (const state of ["waiting", "stored", "refused"]) at(state).textContent = count(state);
  const waiting = forms.filter((one) => one.state !== "stored");
  at("queue").replaceChildren(...[...waiting, ...forms.filter((one) => one.state === "stored")].slice(0, 40).map(queued));
}

function queued(one) {
  const line = item("");
  const reasons = one.reasons.map(({ field, code, message }) => say.faults[code] ?? `${field} ${message}`);
  line.dataset.state = one.state;
  line.dataset.serial = one.serial;
  line.append(`${one.serial} ${say.states[one.state]}${reasons.length ? `: ${reasons.join("; ")}` : ""} `);
  if (one.state === "refused") line.append(button("correct", one), button("remove", one));
  return line;
}

function button(act, { serial }) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "plain";
  made.dataset.act = act;
  made.dataset.serial = serial;
  made.textContent = say[act];
  made.setAttribute("aria-label", `${say[act]} ${serial}`);
  return made;
}

async function onQueueButton(event) {
  const { act, serial } = event.target.dataset;
  if (act === "correct" && form === null) await (calls ? takeCall(serial) : takeSerial(serial));
  if (act === "remove") {
    if (event.target.dataset.asked) await queue.remove(serial);
    else {
      event.target.dataset.asked = "yes";
      event.target.textContent = say.removeForGood;
      return;
    }
  }
  await showQueue();
}

async function send() {
  const obstacle = await queue.send(showQueue);
  at("connection").textContent = obstacle ? say.obstacles[obstacle] : say.connected;
  at("connection").dataset.obstacle = obstacle;
}

// The page itself is kept, so that it opens again without a network.
async function keepPage() {
  if (!("serviceWorker" in navigator)) return;
  await navigator.serviceWorker.register(desk.dataset.worker, { scope: "/console/" });
  navigator.storage?.persist?.();
  const files = [...document.querySelectorAll("link[rel=stylesheet], link[rel=icon], script[src]")];
  const kept = await caches.open("minyi-keying");
  const { queue: queueScript, rules: rulesScript, calls: callsScript } = desk.dataset;
  const scripts = [queueScript, rulesScript, callsScript].filter(Boolean);
  const addresses = [location.pathname, ...scripts];
  await kept.addAll([...addresses, ...files.map((one) => one.href ?? one.src)]).catch(() => {});
  await navigator.serviceWorker.ready;
  desk.dataset.offline = "ready";
}
