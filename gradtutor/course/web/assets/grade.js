// ---- grading: a verdict, the mistakes that have words, and what else there is to say ----

const note = (key, values = {}) => ({ key, values });
const notCounted = (key, values) => ({ status: "invalid", mistakes: [], notes: [note(key, values)] });
const wrongBy = (mistakes, notes = []) => ({ status: "wrong", mistakes, notes });
const RIGHT = { status: "correct", mistakes: [], notes: [] };

/** Grade an answer: a text, names of options in order, or texts by blank. */
function gradeAnswer(question, answer) {
  try {
    return GRADERS[question.kind](question.grading, answer, question);
  } catch (error) {
    if (error instanceof NotCountedError) return notCounted(error.key, error.values);
    throw error;
  }
}

const GRADERS = {
  expression: gradeExpression,
  number: gradeNumber,
  choice: gradeChoice,
  order: gradeOrder,
  circuit: gradeCircuit,
};

function gradeNumber(data, text) {
  const given = readNumber(text, data.unit, data.units), wanted = fromJson(data.wanted);
  if (within(given, wanted, data.tolerance)) return RIGHT;
  const known = data.mistakes.find(({ value }) => within(given, fromJson(value), data.tolerance));
  if (known) return wrongBy([known.name]);
  if (within(given, -wanted, data.tolerance)) return wrongBy([], [note("sign")]);
  if (wanted && given && within(given * wanted, 1, data.tolerance)) return wrongBy([], [note("inverse")]);
  if (within(given, wanted, 4 * data.tolerance)) return wrongBy([], [note("near-number", { tolerance: data.tolerance })]);
  return wrongBy([], [note("number-off", { given })]);
}

function gradeChoice(data, picked) {
  if (!picked.length) throw new NotCountedError("nothing");
  if (!data.several) return picked[0] === data.wanted[0] ? { ...RIGHT, mistakes: picked } : wrongBy(picked);
  const extra = picked.filter((one) => !data.wanted.includes(one));
  const missing = data.wanted.filter((one) => !picked.includes(one)).length;
  if (!extra.length && !missing) return RIGHT;
  const key = missing === 1 ? "option-missing" : "options-missing";
  return wrongBy(extra, missing ? [note(key, { count: String(missing) })] : []);
}

function gradeOrder(data, order) {
  const turn = new Map(order.map((name, n) => [name, n]));
  const violated = data.before.find(([one, two]) => turn.get(one) > turn.get(two));
  if (!violated) return RIGHT;
  const [first, second] = violated;
  const known = data.known.filter((one) => one.order.join() === order.join()).map((one) => one.name);
  return wrongBy(known.length ? known : [second], [note("too-early", { first, second })]);
}

// ---- circuits: each blank is graded given the learner's own numbers before it ----

function gradeCircuit(data, texts) {
  const missing = data.blanks.filter(({ key }) => !(texts[key] ?? "").trim());
  if (missing.length) throw new NotCountedError("blanks-missing", { blanks: missing.map(({ label }) => label) });
  const own = {};
  for (const { key, label } of data.blanks) {
    try {
      own[key] = readNumber(texts[key]);
    } catch (error) {
      throw new NotCountedError("blank-number", { name: label, key: error.key, values: error.values });
    }
  }
  const wires = wiresOf(data, own), truth = wiresOf(data, {});
  const isRight = ({ key }) => within(own[key], wires.expected[key], data.tolerance) || within(own[key], truth.expected[key], data.tolerance);
  const parts = Object.fromEntries(data.blanks.map((blank) => [blank.label, isRight(blank)]));
  const slips = data.blanks.filter((blank) => !parts[blank.label]);
  if (!slips.length) return { ...RIGHT, parts };
  const notes = slips.map((blank) => {
    const mistake = stockMistake(wires, blank, own[blank.key], data.tolerance);
    return note(mistake ? "blank-mistake" : "blank-wrong", { name: blank.label, given: own[blank.key], mistake });
  });
  const mistakes = [...new Set(notes.map((one) => one.values.mistake).filter(Boolean))];
  return { ...wrongBy(mistakes, notes), parts };
}

/** The numbers on a circuit, with a learner's own in the place of the right ones. */
function wiresOf(data, own) {
  const values = {}, expected = {}, arrivals = {};
  for (const { id, gate, args, value } of data.nodes) {
    const right = GATES[gate] ? GATES[gate].value(...args.map((arg) => values[arg])) : fromJson(value);
    expected[`value ${id}`] = right;
    values[id] = own[`value ${id}`] ?? right;
    arrivals[id] = [];
  }
  for (const { id, gate, args } of data.nodes.toReversed()) {
    const right = id === data.output ? 1 : totalOf(arrivals[id]);
    expected[`gradient ${id}`] = right;
    const upstream = own[`gradient ${id}`] ?? right;
    if (!GATES[gate]) continue;
    const given = args.map((arg) => values[arg]), out = GATES[gate].value(...given);
    const slopes = GATES[gate].slopes.map((slope) => slope(...given, out));
    args.forEach((arg, n) => {
      const other = slopes.length === 2 ? slopes[1 - n] : slopes[n];
      arrivals[arg].push({ gate, upstream, local: slopes[n], other });
    });
  }
  return { expected, arrivals };
}

const totalOf = (arrivals) => arrivals.reduce((sum, one) => sum + one.upstream * one.local, 0);
const has = (arrivals, ...gates) => arrivals.some((one) => gates.includes(one.gate));
const summed = (arrivals, of) => arrivals.reduce((sum, one) => sum + of(one), 0);

/** What each stock mistake puts on a wire, from the gradients that come back to it. */
const STOCK_MISTAKES = {
  overwritten: (all) => (all.length > 1 ? all.map((one) => one.upstream * one.local) : []),
  swapped: (all) => crossed(all, ["mul"]),
  "routed-wrong": (all) => crossed(all, ["max", "min"]),
  "local-only": (all) => [summed(all, (one) => one.local), ...(all.length > 1 ? all.map((one) => one.local) : [])],
  sign: (all) => [-totalOf(all)],
  "no-copy-sum": (all) => (all.length > 1 ? [all.reduce((product, one) => product * one.upstream * one.local, 1)] : []),
  "split-sum": (all) => shared(all, ["add", "sub"]),
  "shared-max": (all) => shared(all, ["max", "min"]),
  "skipped-slope": (all) => [summed(all, (one) => one.upstream)],
};

const crossed = (all, gates) => (has(all, ...gates)
  ? [summed(all, (one) => one.upstream * (gates.includes(one.gate) ? one.other : one.local))] : []);
const shared = (all, gates) => (has(all, ...gates) ? [2, 4].map((parts) =>
  summed(all, (one) => (gates.includes(one.gate) ? one.upstream / parts : one.upstream * one.local))) : []);

function stockMistake({ expected, arrivals }, { key, kind, name }, given, tolerance) {
  if (kind === "value") return within(given, -expected[key], tolerance) ? "sign" : "";
  const found = Object.entries(STOCK_MISTAKES)
    .find(([, mistake]) => mistake(arrivals[name]).some((one) => within(given, one, tolerance)));
  return found ? found[0] : "";
}

// ---- what a learner is told ----

const escaped = (text) => text.replace(/[&<>"]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[sign]);
function plainOf(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html; // the program's own
  return holder.content.textContent.trim();
}

/** The paragraphs, as HTML, that a verdict is told with. */
function toldOf(question, verdict, language) {
  const words = question.words[language];
  if (verdict.status === "correct") {
    return [...verdict.mistakes.map((name) => words.own[name]), words.right].filter(Boolean);
  }
  const known = question.kind === "circuit" ? [] : verdict.mistakes.map((name) => words.feedback[name]).filter(Boolean);
  return [...known, ...verdict.notes.map((one) => `<p>${noteText(question, one, language)}</p>`)];
}

function noteText(question, { key, values }, language) {
  const words = question.words[language];
  if (key === "blank-number") {
    return escaped(say(language, key, { name: values.name, message: say(language, values.key, values.values) }));
  }
  if (key === "blank-mistake") {
    const [before, after] = say(language, key, { ...values, feedback: "\u0000" }).split("\u0000");
    return `${escaped(before)}${(words.feedback[values.mistake] ?? "").replace(/^<p>|<\/p>\s*$/g, "")}${escaped(after)}`;
  }
  const named = Object.fromEntries(Object.entries(values).map(([name, value]) =>
    [name, ["first", "second"].includes(name) ? optionText(question, value, words) : value]));
  return escaped(say(language, key, named));
}

const LETTERS = "abcdefghijklmnopqrstuvwxyz";
const optionText = (question, name, words) => `${LETTERS[question.choices.indexOf(name)]}) ${plainOf(words.choices[name])}`;
