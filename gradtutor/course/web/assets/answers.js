// ---- numbers and answers as learners type them ----

class NotCountedError extends Error {
  constructor(key, values = {}) {
    super(key);
    this.key = key;
    this.values = values;
  }
}

const INFINITE = { inf: Infinity, "+inf": Infinity, "-inf": -Infinity, nan: NaN, "∞": Infinity, "+∞": Infinity, "-∞": -Infinity };
const fromJson = (value) => (typeof value === "number" ? value : INFINITE[value]);
/** What stands left of the equals sign where an answer is written out as a claim. */
const CLAIM = /^\s*(?:[^\W\d][\p{L}\p{N}_]*['′]*\s*(?:\(\s*\w+(?:\s*,\s*\w+)*\s*\))?|[d∂][²2]?\s*[\p{L}\p{N}_]*\s*\/\s*[d∂]\s*[\p{L}\p{N}_]+[²2]?)\s*:?=(?!=)/u;
/** Words and signs before an answer: "= 4", "≈ 4", "answer: 4", 答案是 4, 约 4. */
const BEFORE = /^\s*(?:(?:the\s+)?answer(?:\s+is|\s*[:=])|(?:答案|结果)\s*(?:是|为|[:=])|大?约(?:为|等于)?|[=≈≃≅~])\s*/i;
/** What TeX puts around a formula. */
const AROUND = [["$$", "$$"], ["$", "$"], ["\\(", "\\)"], ["\\[", "\\]"]];
const THOUSANDS = /^[+-]?[1-9]\d{0,2}(?:(?:,\d{3})+|(?:[ '_\u00a0\u2009\u202f]\d{3})+)(?:\.\d*)?$/;
const UNIT = /(?<=[\d.)⁰-⁹½¼¾])\s*([\p{L}]+(?:\/[\p{L}]+)?)\s*$/u;

const halfWidth = (text) => [...text].map((sign) => {
  if (sign === "−") return "-";
  if (sign === "。") return ".";
  if (sign === "\u3000") return " ";
  return /[！-～]/.test(sign) ? String.fromCharCode(sign.charCodeAt(0) - 0xfee0) : sign;
}).join("");

/** An answer without df/dx =, ≈ or dollar signs around it, in whatever order. */
function bareAnswer(text) {
  let plain = halfWidth(text).trim(), before = null;
  while (plain !== before) {
    before = plain;
    for (const [opened, closed] of AROUND) {
      const inside = plain.slice(opened.length, -closed.length);
      if (plain === opened + inside + closed && !inside.includes(opened)) plain = inside.trim();
    }
    for (const wrapping of [CLAIM, BEFORE]) {
      const found = wrapping.exec(plain);
      if (found) plain = plain.slice(found[0].length).trim();
    }
    plain = plain.replace(/\.$/, "").trimEnd();
  }
  return plain;
}

const withoutThousands = (text) => (THOUSANDS.test(text) ? text.replace(/[^\d.+-]/g, "") : text);

/** A number's text in the question's unit. */
function withoutUnit(text, unit, units) {
  const found = UNIT.exec(text);
  if (!found || !Object.hasOwn(units, found[1])) return text;
  if (!unit) throw new NotCountedError("no-unit", { unit: found[1] });
  const [kind, factor] = units[found[1]], [wanted, base] = units[unit];
  if (kind !== wanted) throw new NotCountedError("other-unit", { unit: found[1], wanted: unit });
  const number = text.slice(0, found.index);
  return factor === base ? number : `${number}*${factor / base}`;
}

function readNumber(text, unit = "", units = {}) {
  const plain = withoutThousands(withoutUnit(bareAnswer(text), unit, units));
  if (Object.hasOwn(INFINITE, plain.toLowerCase())) return INFINITE[plain.toLowerCase()];
  if (/^[+-]?\d+,\d+$/.test(plain)) throw new NotCountedError("decimal-comma", { suggestion: plain.replace(",", ".") });
  if (/^[+-]?\d*\.?\d+\s*%$/.test(plain)) {
    const share = Number(plain.replace(/[% ]+$/, "")) / 100;
    throw new NotCountedError("percent", { suggestion: general(share, 6) });
  }
  let value;
  try {
    value = constantOf(plain);
  } catch {
    throw new NotCountedError("unreadable-here");
  }
  if (!Number.isFinite(value)) throw new NotCountedError("not-finite", { value: shownNumber(value) });
  return value;
}

/** Whether a number is right to its significant digits, however small it is. */
function within(given, wanted, tolerance) {
  if (!Number.isFinite(wanted) || !Number.isFinite(given)) return Object.is(given, wanted);
  const scale = Math.abs(wanted) > 1e-12 ? Math.abs(wanted) : 0.1;
  return Math.abs(given - wanted) <= tolerance * scale * (1 + 1e-9);
}

// ---- numbers as texts, as the program writes them ----

/** Python's %g. */
function general(value, digits) {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  const [mantissa, power] = exponential(value, digits - 1).split("e");
  if (Number(power) < -4 || Number(power) >= digits) {
    const sign = power[0] === "-" ? "-" : "+", size = power.replace(/^[-+]/, "").padStart(2, "0");
    return `${bareZeros(mantissa)}e${sign}${size}`;
  }
  return bareZeros(evenly(value, Math.max(0, digits - 1 - Number(power))));
}

/** A number as 1.234e+4; one in the middle goes to the even digit, as Python's. */
function exponential(value, decimals) {
  const [mantissa, power] = Math.abs(value).toExponential(60).split("e");
  const digits = mantissa.replace(".", ""), kept = digits.slice(0, decimals + 1);
  const tied = /^50*$/.test(digits.slice(decimals + 1)) && kept.slice(-1) % 2 === 0;
  if (!tied) return value.toExponential(decimals);
  return `${value < 0 ? "-" : ""}${kept[0]}${decimals ? "." : ""}${kept.slice(1)}e${power}`;
}

/** A number with so many decimals; one in the middle goes to the even digit, as Python's. */
function evenly(value, decimals) {
  const scaled = Math.abs(value) * 10 ** decimals, below = Math.floor(scaled);
  if (scaled - below !== 0.5) return value.toFixed(decimals);
  return (Math.sign(value) * (below + (below % 2)) / 10 ** decimals).toFixed(decimals);
}

const bareZeros = (text) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);
const shownNumber = (value) => general(value, 4);
const shownValue = (value) => {
  if (typeof value === "number") return shownNumber(value);
  return Array.isArray(value) ? value.join(", ") : String(value);
};

/** A sentence of the engine, its blanks filled. */
function say(language, key, values = {}) {
  return WORDS[key][language].replace(/\{(\w+)\}/g, (_, name) => shownValue(values[name]));
}
