// ---- expressions: equal to the reference at the points, or how they differ ----

const FEW = 3, FAR = 1e-6, TIGHT = 1e-10, ROUNDED = 0.01, CLEAR = 0.1;

const pointAt = (columns, n) => Object.fromEntries(Object.entries(columns).map(([name, row]) => [name, fromJson(row[n])]));

/** A formula's values at points, with how exact each can be. */
function valuesAt(formula, columns, count) {
  return Array.from({ length: count }, (_, n) => {
    const notes = fresh(), value = formula.compute(pointAt(columns, n), notes);
    return { value, ...notes };
  });
}

const apart = (a, b) => !(Math.abs(a - b) <= FAR * Math.max(Math.abs(a), Math.abs(b)));

/** Whether values differ by more than rounding can: true, false, or null in doubt. */
function differs({ value, largest, overflowed }, wanted) {
  if (!Number.isFinite(wanted)) return Object.is(value, wanted) ? false : null;
  if (!Number.isFinite(value)) return overflowed ? null : true;
  const size = Math.max(Math.abs(value), Math.abs(wanted)), gap = Math.abs(value - wanted);
  if (gap <= TIGHT * size || gap <= 32 * Number.EPSILON * largest) return false;
  return gap > FAR * size + 1e-13 * largest && !overflowed ? true : null;
}

/** Whether two are the same: no point differs, and enough agree closely. */
function sameAt(rows, wanted) {
  const found = rows.map((row, n) => differs(row, fromJson(wanted[n])));
  if (found.includes(true)) return false;
  const agreed = found.filter((one) => one === false).length;
  const exact = rows.filter((row) => !row.overflowed).length;
  if (agreed >= Math.min(FEW, rows.length)) return 2 * agreed >= exact;
  return exact ? false : null;
}

function gradeExpression(data, text) {
  let formula;
  try {
    formula = readFormula(withoutThousands(bareAnswer(text)), data.names);
  } catch (error) {
    if (error instanceof UnreadableError || error instanceof RangeError) return notCounted("unreadable-here");
    throw error;
  }
  if (data.wanted.length < FEW) return { status: "undecided", mistakes: [], notes: [note("no-points")] };
  const rows = valuesAt(formula, data.points, data.wanted.length);
  let same = sameAt(rows, data.wanted);
  if (same) {
    const more = valuesAt(formula, data.more, data.more_wanted.length);
    same = !more.some((row, n) => differs(row, fromJson(data.more_wanted[n])) === true && Number.isFinite(fromJson(data.more_wanted[n])));
  }
  if (same === null) return { status: "undecided", mistakes: [], notes: [note("unproved")] };
  if (same) return { status: "correct", mistakes: [], notes: [] };
  const known = data.known.find(({ values }) => isKnown(rows, values));
  if (known) return { status: "wrong", mistakes: [known.name], notes: [] };
  return { status: "wrong", mistakes: [], notes: [howWrong(data, formula, rows)] };
}

/** Whether an answer equals a known wrong one where that has a value. */
function isKnown(rows, values) {
  const usable = rows.map((row, n) => [row, fromJson(values[n])]).filter(([, value]) => !Number.isNaN(value));
  return usable.length >= Math.min(FEW, rows.length) && sameAt(usable.map(([row]) => row), usable.map(([, value]) => value)) === true;
}

// ---- what else can be said of a wrong answer ----

const place = (point, digits) => Object.entries(point).map(([name, value]) => `${name} = ${general(value, digits)}`).join(", ");

function howWrong(data, formula, rows) {
  const a = rows.map((row) => row.value), b = data.wanted.map(fromJson);
  const free = Object.fromEntries(Object.entries(data.points).filter(([name]) => data.free.includes(name)));
  const undefined_ = a.findIndex((value) => !Number.isFinite(value));
  if (undefined_ >= 0) return note("undefined", { at: place(pointAt(free, undefined_), 3) });
  const pattern = patternOf(a, b);
  if (pattern) return pattern;
  const off = a.map((value, n) => apart(value, b[n])), count = off.filter(Boolean).length;
  if (count && count < off.length) {
    const right = off.indexOf(false), bad = off.indexOf(true);
    return note("partly-right", {
      right: String(off.length - count), count: String(off.length), at: place(pointAt(free, right), 3),
      wrong_at: place(pointAt(free, bad), 3), given: a[bad], wanted: b[bad],
    });
  }
  if (a.every((value, n) => Math.abs(value - b[n]) <= ROUNDED * Math.abs(b[n]))) return note("rounded");
  const missing = data.variables.find((name) => !formula.used.has(name));
  return missing ? note("no-variable", { name: missing }) : atSimplePoint(data, formula);
}

function patternOf(a, b) {
  const ratio = a.map((value, n) => value / b[n]), gap = a.map((value, n) => value - b[n]);
  const product = a.map((value, n) => value * b[n]);
  if (isConstant(ratio) && ratio[0] !== 0) {
    return Math.abs(ratio[0] + 1) < 1e-9 ? note("sign") : note("factor", { factor: fraction(ratio[0]) });
  }
  if (isConstant(product) && Math.abs(product[0] - 1) < 1e-9) return note("inverse");
  return isConstant(gap) ? note("offset", { offset: fraction(gap[0]) }) : undefined;
}

function isConstant(values) {
  if (!values.every(Number.isFinite)) return false;
  return Math.max(...values) - Math.min(...values) <= 1e-9 * Math.max(...values.map(Math.abs));
}

/** 0.333... as 1/3, other numbers in four digits. */
function fraction(value) {
  for (let below = 1; below <= 12; below += 1) {
    const above = Math.round(value * below);
    if (Math.abs(above / below - value) < 1e-9 * Math.abs(value)) return below === 1 ? `${above}` : `${above}/${below}`;
  }
  return general(value, 4);
}

/** A point that can be checked by hand and tells the two apart. */
function atSimplePoint(data, formula) {
  let best = { gap: -1 };
  for (const { point, wanted } of data.simple) {
    const right = fromJson(wanted), mine = formula.compute(point, fresh());
    const gap = Math.abs(mine - right) / Math.max(Math.abs(mine), Math.abs(right), 1e-300);
    if (gap > best.gap) best = { gap, point, mine, right };
    if (gap > CLEAR) break;
  }
  return note("differs", { at: place(best.point, 6), given: best.mine, wanted: best.right });
}
