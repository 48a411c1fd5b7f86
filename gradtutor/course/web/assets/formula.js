// ---- the language of formulas, read and evaluated; nothing is ever run as code ----

class UnreadableError extends Error {}

const CONSTANT = { pi: Math.PI, "π": Math.PI, inf: Infinity, e: Math.E };
const SUPERSCRIPT = { "⁰": 0, "¹": 1, "²": 2, "³": 3, "⁴": 4, "⁵": 5, "⁶": 6, "⁷": 7, "⁸": 8, "⁹": 9, "⁻": "-" };
const PLAIN = { "×": "*", "·": "*", "⋅": "*", "∗": "*", "÷": "/", "−": "-", "–": "-", "≤": "<=", "≥": ">=", "≠": "!=", "½": "(1/2)", "¼": "(1/4)", "¾": "(3/4)", "，": ",", "\u00a0": " ", "\u3000": " ", "。": "." };
const ELEMENTARY = ["sin", "cos", "tan", "sinh", "cosh", "tanh", "exp", "log", "ln", "sqrt", "asin", "acos", "atan", "arcsin", "arccos", "arctan"];
const MATHS_TOKEN = /(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|[\p{L}_][\p{L}\p{N}_]*'*|\*\*|<=|>=|==|!=|[-+*/()|<>,;=\n√]/uy;
/** Gates whose infinity is their own; any other's is a number too large. */
const OWN_INFINITY = ["div", "log", "log1p", "pow", "tan", "atanh"];

function plainText(text) {
  const half = [...text].map((sign) => {
    if (PLAIN[sign]) return PLAIN[sign];
    return /[！-～]/.test(sign) ? String.fromCharCode(sign.charCodeAt(0) - 0xfee0) : sign;
  }).join("").replaceAll("^", "**");
  return half.replace(/[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+/g, (run) => `**(${[...run].map((one) => SUPERSCRIPT[one]).join("")})`);
}

function mathsTokens(text) {
  const found = [];
  for (let place = 0; place < text.length;) {
    if (/[ \t\r]/.test(text[place])) { place += 1; continue; }
    MATHS_TOKEN.lastIndex = place;
    const token = MATHS_TOKEN.exec(text)?.[0];
    if (!token) throw new UnreadableError(text[place]);
    found.push(token);
    place += token.length;
  }
  return found;
}

const isName = (token) => token !== undefined && /^[\p{L}_]/u.test(token);
const isDigits = (token) => token !== undefined && /^[\d.]/.test(token);

/** What a name of a function means: a gate, or a formula of the library. */
function meaningOf(name) {
  if (SPELLINGS[name]) return { gate: SPELLINGS[name] };
  if (Object.hasOwn(LIBRARY, name)) return { formula: LIBRARY[name] };
  return Object.hasOwn(ALIASES, name) && ALIASES[name] !== name ? meaningOf(ALIASES[name]) : undefined;
}

const SMALLEST_EXACT = 1e-290; // below it float64 loses digits

/** How an evaluation went: the largest number on the way, and whether one left float64. */
const fresh = () => ({ largest: 0, overflowed: false });

function noted(gate, args, value, notes) {
  const size = Math.abs(value);
  if (Number.isFinite(value)) {
    notes.largest = Math.max(notes.largest, size);
    notes.overflowed ||= value === 0 ? gate === "exp" : size < SMALLEST_EXACT;
  }
  else if (!OWN_INFINITY.includes(gate) && args.every(Number.isFinite)) notes.overflowed = true;
  else if (gate === "pow" && args.every(Number.isFinite) && args[0] !== 0 && !Number.isNaN(value)) notes.overflowed = true;
  return value;
}

const applied = (gate, parts) => (at, notes) => {
  const args = parts.map((part) => part(at, notes));
  return noted(gate, args, GATES[gate].value(...args), notes);
};

/** Read a formula in these names; returns what computes it, and the names that it uses. */
function readFormula(text, names) {
  const tokens = mathsTokens(plainText(text).trim());
  const own = new Map(), used = new Set();
  let next = 0;
  const takes = (...signs) => (signs.includes(tokens[next]) ? tokens[next++] : undefined);
  const refuse = () => { throw new UnreadableError(tokens[next] ?? ""); };
  const expect = (sign) => { if (!takes(sign)) refuse(); };

  const choice = () => {
    const first = comparison();
    if (!takes("if")) return first;
    const condition = comparison();
    expect("else");
    return applied("where", [condition, first, choice()]);
  };
  const comparison = () => {
    const gates = { "<": "lt", "<=": "le", ">": "gt", ">=": "ge", "==": "eq", "!=": "ne" };
    let left = sum(), found;
    for (let sign = takes(...Object.keys(gates)); sign; sign = takes(...Object.keys(gates))) {
      const right = sum(), one = compared(gates[sign], left, right);
      found = found ? applied("mul", [found, one]) : one;
      left = right;
    }
    return found ?? left;
  };
  const sum = () => {
    let left = product();
    for (let sign = takes("+", "-"); sign; sign = takes("+", "-")) {
      left = applied(sign === "+" ? "add" : "sub", [left, product()]);
    }
    return left;
  };
  const product = () => {
    let left = signed(), divided = false;
    for (;;) {
      const sign = takes("*", "/");
      if (sign) {
        divided = sign === "/";
        left = applied(divided ? "div" : "mul", [left, signed()]);
      } else if (startsFactor()) {
        if (divided) refuse(); // 1/2x has two readings
        left = applied("mul", [left, power()]);
      } else return left;
    }
  };
  const startsFactor = () => {
    const token = tokens[next];
    if (token === "(" || token === "√") return true;
    return isName(token) && token !== "if" && token !== "else";
  };
  const signed = () => {
    if (takes("-")) return applied("neg", [signed()]);
    return takes("+") ? signed() : power();
  };
  const power = () => {
    const base = atom();
    return takes("**") ? applied("pow", [base, signed()]) : base;
  };
  const inside = () => {
    expect("(");
    const found = choice();
    expect(")");
    return found;
  };
  const atom = () => {
    const token = tokens[next];
    if (token === "(") return inside();
    if (takes("|")) {
      const found = choice();
      expect("|");
      return applied("abs", [found]);
    }
    if (takes("√")) return applied("sqrt", [atom()]);
    next += 1;
    if (isDigits(token)) {
      const value = Number(token.replaceAll("_", ""));
      if (!Number.isFinite(value)) refuse();
      return () => value;
    }
    if (isName(token)) return named(token);
    next -= 1;
    return refuse();
  };
  const named = (name) => {
    if (own.has(name)) return own.get(name);
    if (names.includes(name)) {
      used.add(name);
      return (at) => at[name];
    }
    const meaning = meaningOf(name) ?? (["max", "min"].includes(name) ? { gate: name } : undefined);
    if (meaning && tokens[next] === "(") return called(name, meaning, list());
    if (ELEMENTARY.includes(name) && meaning && next < tokens.length) return called(name, meaning, [{ value: power() }]);
    if (Object.hasOwn(CONSTANT, name)) return () => CONSTANT[name];
    return refuse();
  };
  const list = () => {
    const found = [];
    expect("(");
    do {
      const keyword = isName(tokens[next]) && tokens[next + 1] === "=" ? tokens[next] : undefined;
      if (keyword) next += 2;
      found.push({ keyword, value: choice() });
    } while (takes(","));
    expect(")");
    return found;
  };
  const called = (name, { gate, formula }, given) => {
    const parts = given.map((one) => one.value);
    if (gate && ["max", "min"].includes(gate) && parts.length > 1) return parts.reduce((a, b) => applied(gate, [a, b]));
    if (gate) return parts.length === GATES[gate].arity ? applied(gate, parts) : refuse();
    const values = new Map();
    given.forEach(({ keyword, value }, k) => values.set(keyword ?? formula.parameters[k], value));
    for (const one of formula.parameters) {
      if (!values.has(one) && formula.defaults[one] === undefined) refuse();
      if (!values.has(one)) values.set(one, readFormula(formula.defaults[one], []).compute);
    }
    const whole = readFormula(formula.text, formula.parameters).compute;
    return (at, notes) => whole(Object.fromEntries([...values].map(([key, part]) => [key, part(at, notes)])), notes);
  };
  const statement = () => {
    const target = isName(tokens[next]) && tokens[next + 1] === "=" ? tokens[next] : undefined;
    if (target) next += 2;
    const found = choice();
    if (target) own.set(target, found);
    return found;
  };

  let last;
  do {
    while (takes(";", "\n"));
    if (next === tokens.length && last) break;
    last = statement();
  } while (takes(";", "\n"));
  if (next < tokens.length) refuse();
  return { compute: last, used };
}

/** A comparison as the gates have it: 1 where it holds, else 0. */
const compared = (gate, left, right) => (at, notes) => {
  const [a, b] = [left(at, notes), right(at, notes)];
  const holds = { lt: a < b, le: a <= b, gt: a > b, ge: a >= b, eq: a === b, ne: a !== b }[gate];
  return Number(holds);
};

/** The value of arithmetic on numbers. */
function constantOf(text) {
  return readFormula(text, []).compute({}, fresh());
}
