// What the page can tell without the server: misread serials, keys of a field, warnings. The paper is
// the truth: warnings never keep a mark out.
const SIGNS = ["", "?", "*"];
const DAMM = [
  "0317598642", "7092154863", "4206871359", "1750983426", "6123045978",
  "3674209581", "5869720134", "8945362017", "9438617205", "2581436790",
];

// Gives the serial as printed, or the code of what is wrong with it.
export function readSerial(text, { wave, first, last }) {
  const digits = text.replace(/[-\s]/g, "");
  if (!/^[0-9]{10}$/.test(digits) || [...digits].reduce((i, d) => Number(DAMM[i][d]), 0) !== 0) {
    return { fault: "serial-misread" };
  }
  const number = Number(digits.slice(3, 9));
  if (Number(digits.slice(0, 3)) !== wave) return { fault: "other-wave" };
  if (number < first || number > last) return { fault: "other-batch" };
  return { serial: write(digits), number };
}

export function serialOf(wave, number) {
  const digits = String(wave).padStart(3, "0") + String(number).padStart(6, "0");
  return write(digits + [...digits].reduce((i, d) => Number(DAMM[i][d]), 0));
}

function write(digits) {
  return `${digits.slice(0, 3)}-${digits.slice(3, 9)}-${digits.slice(9)}`;
}

export const isTyped = (field) => ["number", "date", "text", "code"].includes(field.kind);

// Gives the mark in the server's spelling; null where it can't stand on the paper.
export function readTyped(field, text) {
  const clean = text.normalize("NFKC").trim();
  if (SIGNS.includes(clean)) return clean;
  if (field.kind === "text") return text.normalize("NFC").split(/\s+/).filter(Boolean).join(" ");
  if (field.kind === "code") return field.keys.some((one) => one.mark === clean) ? clean : null;
  if (field.kind === "date") return readDate(clean);
  if (!/^[+-]?[0-9]{1,15}(\.[0-9]{1,6})?$/.test(clean)) return null;
  return String(Number(clean) + 0);
}

function readDate(text) {
  const found = /^([0-9]{4})[-/.年]?([0-9]{1,2})[-/.月]?([0-9]{1,2})日?$/.exec(text);
  if (!found) return null;
  const [, year, month, day] = found;
  const written = `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
  const date = new Date(`${written}T00:00:00Z`);
  return !Number.isNaN(date.valueOf()) && date.toISOString().startsWith(written) ? written : null;
}

// Adds or takes away one of several ticks; the order is the form's.
export function toggled(field, mark, code) {
  const ticked = new Set(SIGNS.includes(mark) ? [] : mark.split(";"));
  if (!ticked.delete(code)) ticked.add(code);
  return field.keys.map((one) => one.mark).filter((one) => ticked.has(one)).join(";");
}

const isAsked = (field, marks) => field.asked_if.every((one) => holds(one, marks));

// Gives the place to go to when questions that the routing leaves out are passed over, unless they
// have been answered.
export function nextAsked(plan, marks, place, from) {
  const step = place < from ? -1 : 1;
  while (plan[place] && !marks[plan[place].code] && !isAsked(plan[place], marks)) place += step;
  return place;
}

export function warningOf(field, marks) {
  const mark = marks[field.code] ?? "";
  if (!isAsked(field, marks)) return mark ? "not-asked" : "";
  if (!mark) return field.required ? "required" : "";
  if (SIGNS.includes(mark)) return "";
  if (field.kind === "several") return tooMany(field, mark) ? "too-many" : "";
  if (field.kind === "number") return inside(Number(mark), field) ? "" : "out-of-range";
  if (field.kind === "date") return inside(mark, field) ? "" : "out-of-range";
  return "";
}

const tooMany = (field, mark) => field.most && mark.split(";").length > field.most;
const inside = (value, { least, most }) => value >= least && value <= most;

function holds(condition, marks) {
  if (condition.all) return condition.all.every((one) => holds(one, marks));
  if (condition.any) return condition.any.some((one) => holds(one, marks));
  if (condition.not) return !holds(condition.not, marks);
  const given = condition.fields.map((code) => marks[code] ?? "").filter((m) => !SIGNS.includes(m));
  if ("answered" in condition) return given.length > 0 === condition.answered;
  if (condition.in) return given.some((m) => m.split(";").some((one) => condition.in.includes(one)));
  if ("at_least" in condition) return given.some((mark) => Number(mark) >= condition.at_least);
  return given.some((mark) => Number(mark) <= condition.at_most);
}

export function words(field, mark, say) {
  if (mark === "") return say.blank;
  if (mark === "?") return say.illegible;
  if (mark === "*") return say.twoMarks;
  if (!field.keys.length) return mark;
  const texts = new Map(field.keys.map((one) => [one.mark, one.text]));
  return mark.split(";").map((one) => `${one} · ${texts.get(one)}`).join("; ");
}
