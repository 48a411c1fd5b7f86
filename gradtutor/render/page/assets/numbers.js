// ---- numbers as texts ----

const DATA = JSON.parse(document.getElementById("data").textContent);
const byId = (id) => document.getElementById(id);

/** A sentence in the page's language, its blanks filled. */
const say = (text, blanks = {}) =>
  Object.entries(blanks).reduce((said, [name, value]) => said.replaceAll(`{${name}}`, value), DATA.sentences?.[text] ?? text);

const SPECIAL = new Map([["nan", NaN], ["inf", Infinity], ["+inf", Infinity], ["-inf", -Infinity]]);
const asNumber = (value) => (typeof value === "number" ? value : SPECIAL.get(value));

function special(value) {
  if (Number.isNaN(value)) return "nan";
  return value > 0 ? "∞" : "-∞";
}

/** A power of ten as a raised number: ⁻¹². */
const raised = (power) => String(Number(power)).replace(/./g, (one) => (one === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[one]));

/** A number on a wire, as the program writes it: 0.73, 1.0·10⁻⁷. */
function fixed(value, digits = DATA.digits) {
  if (!Number.isFinite(value)) return special(value);
  const size = Math.abs(value);
  if (value !== 0 && (size < 0.5 * 10 ** -digits || size >= 1e6)) {
    const [mantissa, power] = value.toExponential(Math.max(digits - 1, 0)).split("e");
    return `${mantissa}·10${raised(power)}`;
  }
  const text = value.toFixed(digits);
  return Number(text) === 0 ? text.replace("-", "") : text;
}

/** A number in a line of text, without idle zeros: -4, 0.1966. */
function short(value) {
  if (!Number.isFinite(value)) return special(value);
  const digits = Math.max(4, DATA.digits + 2), size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e6)) {
    return value.toExponential(digits - 1).replace(/\.?0+e/, "e").replace("e+", "e");
  }
  return String(Number(value.toPrecision(digits)) + 0);
}

const shapeText = (shape) => `(${shape.join(", ")}${shape.length === 1 ? "," : ""})`;
const isScalar = (value) => typeof value === "number";

/** Whether all numbers of a tensor are shown; must agree with is_grid of view_drawing.py. */
function isGrid(shape) {
  const count = shape.reduce((a, b) => a * b, 1);
  return shape.length >= 1 && shape.length <= 2 && count > 0 && count <= 9;
}

function rowsOf({ shape, data }) {
  const columns = shape.at(-1);
  return Array.from({ length: data.length / columns }, (_, row) =>
    [...data.slice(row * columns, (row + 1) * columns)]);
}

/** A large tensor in a few words: its smallest and largest number. */
function range({ data }) {
  if (!data.length) return "empty";
  let low = data[0], high = data[0];
  for (const x of data) {
    if (Number.isNaN(x)) return "has nan";
    if (x < low) low = x;
    if (x > high) high = x;
  }
  const [first, last] = [fixed(low), fixed(high)];
  return first === last ? `all ${first}` : `${first} to ${last}`;
}

/** A value in a line of text. */
function told(value) {
  if (value === undefined) return "";
  if (isScalar(value)) return short(value);
  if (!isGrid(value.shape)) return `${shapeText(value.shape)}, ${range(value)}`;
  const rows = rowsOf(value).map((row) => `[${row.map(short).join(", ")}]`);
  return value.shape.length === 1 ? rows[0] : `[${rows.join(", ")}]`;
}
