// What a printed program calls: numbers as NumPy's, and tensors {shape, data}, row-major.
// A tensor without axes is a plain number.

// ---- numbers ----

/** a to the power b as C has it: 1 to any power is 1. */
function power(a, b) {
  return a === 1 || (a === -1 && Math.abs(b) === Infinity) ? 1 : a ** b;
}

function where(condition, a, b) {
  return condition !== 0 ? a : b;
}

/** To the nearest whole number, and of two as near to the even one. */
function round(x) {
  const low = Math.floor(x), rest = x - low;
  return rest < 0.5 || (rest === 0.5 && low % 2 === 0) ? low : low + 1;
}

/** log(exp(a) + exp(b)) that does not overflow. */
function logaddexp(a, b) {
  return a === b ? a + Math.LN2 : Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b)));
}

/** The error function: the series of Abramowitz & Stegun 7.1.6, whose terms are positive. */
function erf(x) {
  const size = Math.abs(x);
  if (!(size < 6)) return Math.sign(x); // 1 in float64; nan stays nan
  let term = size, total = size;
  for (let n = 1; term > total * 1e-17; n++) {
    term *= (2 * size * size) / (2 * n + 1);
    total += term;
  }
  const short = Math.fround(size); // its square is exact, so exp(-x²) loses no digits
  const gauss = Math.exp(-short * short) * Math.exp((short - size) * (short + size));
  return Math.sign(x) * Math.min(1, (2 / Math.sqrt(Math.PI)) * gauss * total);
}

// ---- tensors ----

const product = (sizes) => sizes.reduce((a, b) => a * b, 1);
const shapeOf = (x) => (typeof x === "number" ? [] : x.shape);
const dataOf = (x) => (typeof x === "number" ? [x] : x.data);
const made = (shape, data) => (shape.length ? { shape, data } : data[0]);
const filled = (shape, value) => new Float64Array(product(shape)).fill(value);

/** How far apart neighbours along each axis are. */
function strides(shape) {
  const result = new Array(shape.length);
  for (let axis = shape.length - 1, step = 1; axis >= 0; step *= shape[axis--]) {
    result[axis] = step;
  }
  return result;
}

/** Flat positions offset + Σ index·step of all indices of a shape, in row-major order. */
function places(shape, steps, offset = 0) {
  let result = Int32Array.of(offset);
  shape.forEach((size, axis) => {
    const next = new Int32Array(result.length * size);
    for (let i = 0, k = 0; i < result.length; i++) {
      for (let c = 0; c < size; c++) next[k++] = result[i] + c * steps[axis];
    }
    result = next;
  });
  return result;
}

/** Read a tensor's numbers at these positions. */
function taken(x, shape, at) {
  const data = dataOf(x);
  return made(shape, Float64Array.from(at, (place) => data[place]));
}

/** Steps of a tensor along another shape's axes: 0 where it is repeated. */
function repeatedSteps(shape, whole) {
  const own = strides(shape), missing = whole.length - shape.length;
  return whole.map((_, axis) => {
    const at = axis - missing;
    return at < 0 || shape[at] === 1 ? 0 : own[at];
  });
}

function broadcastShape(shapes) {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    const sizes = shapes.map((shape) => shape[axis - rank + shape.length] ?? 1);
    return sizes.find((size) => size !== 1) ?? 1;
  });
}

/** How to find a tensor's element at a flat position of a whole shape. */
function elementsAlong(x, whole) {
  const shape = shapeOf(x), data = dataOf(x), size = data.length, missing = whole.length - shape.length;
  if (size === 1) return () => data[0];
  if (shape.every((one, axis) => one === whole[missing + axis])) {
    return missing ? (i) => data[i % size] : (i) => data[i];
  }
  const at = places(whole, repeatedSteps(shape, whole));
  return (i) => data[at[i]];
}

/** Apply a function of up to three arguments element by element, with NumPy's broadcasting. */
function map(apply, ...args) {
  const whole = broadcastShape(args.map(shapeOf));
  const [a, b, c] = args.map((x) => elementsAlong(x, whole)), out = filled(whole, 0);
  if (c) for (let i = 0; i < out.length; i++) out[i] = apply(a(i), b(i), c(i));
  else if (b) for (let i = 0; i < out.length; i++) out[i] = apply(a(i), b(i));
  else for (let i = 0; i < out.length; i++) out[i] = apply(a(i));
  return made(whole, out);
}

function normalAxes(axis, rank) {
  const axes = axis === null || axis === undefined ? [...Array(rank).keys()] : [axis].flat();
  return axes.map((one) => (one + rank) % rank);
}

/** For every element the position of the result that it is folded into. */
function folding(shape, axis) {
  const axes = normalAxes(axis, shape.length);
  const kept = shape.map((size, i) => (axes.includes(i) ? 1 : size));
  const at = places(shape, repeatedSteps(kept, shape));
  return { kept, rest: shape.filter((_, i) => !axes.includes(i)), at };
}

function reduced(x, { axis, keepdims }, start, combine) {
  const { kept, rest, at } = folding(shapeOf(x), axis);
  const out = filled(kept, start), data = dataOf(x);
  at.forEach((place, i) => { out[place] = combine(out[place], data[i]); });
  return made(keepdims ? kept : rest, out);
}

const total = (x, attrs) => reduced(x, attrs, 0, (a, b) => a + b);
const largest = (x, attrs) => reduced(x, attrs, -Infinity, Math.max);
const sizeAlong = (x, axis) => product(normalAxes(axis, shapeOf(x).length).map((i) => shapeOf(x)[i]));
const MATMUL = { 22: "ij,jk->ik", 21: "ij,j->i", 12: "j,jk->k", 11: "j,j->" };

/** Σ of products over named indices. */
function einsum(args, subscripts) {
  const [left, out] = subscripts.replaceAll(" ", "").split("->");
  const words = left.split(","), sizes = {};
  words.forEach((word, k) => [...word].forEach((c, i) => { sizes[c] = shapeOf(args[k])[i]; }));
  const summed = Object.keys(sizes).filter((c) => !out.includes(c));
  const along = (letters) => words.map((word, k) => {
    const own = strides(shapeOf(args[k]));
    const step = (c) => [...word].reduce((sum, l, i) => sum + (l === c ? own[i] : 0), 0);
    return places([...letters].map((c) => sizes[c]), [...letters].map(step));
  });
  const data = args.map(dataOf), outer = along(out), inner = along(summed);
  const shape = [...out].map((c) => sizes[c]), result = filled(shape, 0);
  for (let i = 0; i < result.length; i++) {
    let sum = 0;
    for (let j = 0; j < inner[0].length; j++) {
      let term = 1;
      for (let k = 0; k < data.length; k++) term *= data[k][outer[k][i] + inner[k][j]];
      sum += term;
    }
    result[i] = sum;
  }
  return made(shape, result);
}

/** Rows times columns, the sums in the order of einsum's; 0 times what is finite adds nothing. */
function rowsByColumns({ shape: [rows, inner], data: a }, { shape: [, columns], data: b }) {
  const out = new Float64Array(rows * columns), canSkip = b.every(Number.isFinite);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < inner; j++) {
      const factor = a[i * inner + j], to = i * columns, from = j * columns;
      if (factor === 0 && canSkip) continue;
      for (let k = 0; k < columns; k++) out[to + k] += factor * b[from + k];
    }
  }
  return { shape: [rows, columns], data: out };
}

/** Put numbers at these positions of a constant tensor; what meets is added. */
function scattered(shape, value, at, numbers) {
  const out = filled(shape, value);
  at.forEach((place, i) => { out[place] = value === 0 ? out[place] + numbers[i] : numbers[i]; });
  return made(shape, out);
}
