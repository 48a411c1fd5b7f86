// ---- what a person types as a number: the same texts that --at takes ----

/** Signs pasted from a page, as language/syntax.py reads them. */
const SIGNS = { "^": "**", "×": "*", "·": "*", "⋅": "*", "÷": "/", "−": "-", "⁄": "/", "＾": "**", "\u3000": " ", "\u00a0": " " };
const CONSTANTS = { pi: Math.PI, "π": Math.PI, inf: Infinity, nan: NaN };
const FUNCTIONS = ["sqrt", "exp", "log", "sin", "cos", "tan", "tanh", "abs"];
const OPERATIONS = { "+": (a, b) => a + b, "-": (a, b) => a - b, "*": (a, b) => a * b, "/": (a, b) => a / b };

/** Python's numbers (1_000, .5e-3, 0x10; 007 is none), names, and signs. */
const DIGITS = "\\d(?:_?\\d)*";
const TOKEN = new RegExp([
  "0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+",
  `(?:(?:${DIGITS})?\\.${DIGITS}|${DIGITS}\\.)(?:[eE][-+]?${DIGITS})?|${DIGITS}[eE][-+]?${DIGITS}`,
  "0(?:_?0)*(?![_\\d])|[1-9](?:_?\\d)*",
  "[\\p{L}_][\\p{L}\\d_]*|\\*\\*|[-+*/()]",
].join("|"), "uy");

const ofKeyboard = (sign) =>
  (SIGNS[sign] ?? (/[！-～]/.test(sign) ? String.fromCharCode(sign.charCodeAt(0) - 0xfee0) : digit(sign)));

/** Digits of other scripts, by their zeros: Arabic, Persian, Devanagari. */
const digit = (sign) => {
  const zero = [0x660, 0x6f0, 0x966].find((code) => code <= sign.charCodeAt(0) && sign.charCodeAt(0) < code + 10);
  return zero === undefined ? sign : String(sign.charCodeAt(0) - zero);
};

/** What mathematics writes in one sign, as arithmetic: 1½ is (1+1/2), 3² is 3**(2), √9 is sqrt(9). */
const inArithmetic = (text) => text
  .replace(/(\d*)([¼-¾⅐-⅞])/g, (_, whole, part) => `(${whole || 0}+${part.normalize("NFKC").replace("⁄", "/")})`)
  .replace(/[⁺⁻]?[⁰¹²³⁴-⁹]+/g, (power) => `**(${power.normalize("NFKC").replace("−", "-")})`)
  .replace(/√(\d[\d.]*)/g, "sqrt($1)")
  .replace(/√\(/g, "sqrt(")
  .replaceAll("∞", "inf");

/** A text's tokens; none where a sign belongs to no token. */
function tokensOf(text) {
  const tokens = [], plain = inArithmetic([...text].map(ofKeyboard).join(""));
  for (let place = 0; place < plain.length;) {
    if (" \t".includes(plain[place])) place += 1;
    else {
      TOKEN.lastIndex = place;
      const found = TOKEN.exec(plain)?.[0];
      if (found === undefined || (/^[\d.]/.test(found) && /^[\p{L}\d_.]/u.test(plain.slice(place + found.length)))) return [];
      tokens.push(found);
      place += found.length;
    }
  }
  return tokens;
}

/** The value of a number, or of arithmetic on numbers: 1/3, -2*pi. Undefined for all else. */
function typed(text) {
  const tokens = tokensOf(text);
  let next = 0;
  const takes = (...signs) => (signs.includes(tokens[next]) ? tokens[next++] : undefined);
  const expect = (truth) => { if (!truth) throw new SyntaxError(text); };
  const fold = (operand, ...signs) => {
    let left = operand();
    for (let sign = takes(...signs); sign; sign = takes(...signs)) left = OPERATIONS[sign](left, operand());
    return left;
  };
  const sum = () => fold(product, "+", "-");
  const product = () => fold(factor, "*", "/");
  const factor = () => { // 2(3) is 6; 1/2(3) could be two things, and is none here
    const divides = tokens[next - 1] === "/";
    let value = signed();
    for (; tokens[next] === "("; value *= powered()) expect(!divides);
    return value;
  };
  const signed = () => (takes("-") ? -signed() : takes("+") ? signed() : powered());
  const powered = () => {
    const base = atom();
    return takes("**") ? power(base, signed()) : base; // -2**2 is -4, 2**-1 is 0.5
  };
  const inParentheses = () => {
    expect(takes("("));
    const value = sum();
    expect(takes(")"));
    return value;
  };
  const atom = () => {
    if (tokens[next] === "(") return inParentheses();
    const token = tokens[next++] ?? "";
    if (FUNCTIONS.includes(token)) return Math[token](inParentheses());
    if (Object.hasOwn(CONSTANTS, token)) return CONSTANTS[token];
    expect(/^[\d.]/.test(token));
    const number = Number(token.replaceAll("_", ""));
    expect(Number.isFinite(number)); // write inf for infinity
    return number;
  };
  try {
    const value = sum();
    return next === tokens.length ? value : undefined;
  } catch {
    return undefined;
  }
}
