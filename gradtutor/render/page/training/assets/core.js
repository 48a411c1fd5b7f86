// ---- what is trained: parameters in one flat vector, batches, one update ----

const byId = (id) => document.getElementById(id);
const data = JSON.parse(byId("data").textContent);
const words = data.words;
const FRACTION = 0x100000000;

/** A sentence with its blanks filled. */
const say = (key, blanks = {}) =>
  Object.entries(blanks).reduce((text, [name, value]) => text.replaceAll(`{${name}}`, value), words[key]);

const sizes = data.parameters.map((one) => product(one.shape));
const offsets = sizes.map((_, i) => sizes.slice(0, i).reduce((a, b) => a + b, 0));
const total_size = sizes.reduce((a, b) => a + b, 0);

const state = {
  theta: new Float64Array(total_size), gradient: new Float64Array(total_size), start: new Float64Array(total_size),
  kept: {}, update: 0, epoch: 0, order: [], cursor: 0, set: null, losses: [], path: [],
  optimiser: data.optimiser, rate: data.rate, batch: data.batch, shuffle: true, seed: 1,
};

/** Random numbers of the page's own in [0, 1), the same for the same seed (mulberry32). */
function random() {
  state.seed = (state.seed + 0x6d2b79f5) | 0;
  let t = Math.imul(state.seed ^ (state.seed >>> 15), 1 | state.seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / FRACTION;
}

/** A parameter's place in a flat vector, as the program takes it. */
function view(flat, i) {
  const { shape } = data.parameters[i], part = flat.subarray(offsets[i], offsets[i] + sizes[i]);
  return shape.length ? { shape, data: part } : part[0];
}

function withParameters(slots, flat) {
  const v = [];
  data.parameters.forEach((one, i) => {
    if (slots[one.name] !== null) v[slots[one.name]] = view(flat, i);
  });
  return v;
}

/** Rows of the data as tensors X and y; all rows without a choice. */
function rows(chosen) {
  const { points } = state.set, at = chosen ?? points.map((_, i) => i);
  const target = data.targetShape, tall = [at.length, ...target];
  const X = Float64Array.from(at.flatMap((i) => points[i].x));
  return { X: { shape: [at.length, data.features], data: X },
    y: { shape: tall, data: Float64Array.from(at.flatMap((i) => points[i].y)) } };
}

function filledIn(v, slots, batch) {
  for (const [name, value] of Object.entries(data.fixed)) v[slots[name]] = value;
  if (!batch) return v;
  v[slots.X] = batch.X;
  if (slots.y !== null && slots.y !== undefined) v[slots.y] = batch.y;
  return v;
}

const numberOf = (x) => dataOf(x).reduce((a, b) => a + b, 0);

/** The loss at any parameters, of all data. */
function lossAt(flat, batch) {
  const v = filledIn(withParameters(data.loss, flat), data.loss, batch);
  PROGRAM.loss(v);
  return numberOf(v[data.loss.out]);
}

const allRows = () => (data.features ? rows() : null);
const lossNow = () => (data.features && !state.set.points.length ? NaN : lossAt(state.theta, allRows()));

/** Compute loss and gradient of a batch into state.gradient. */
function slope(batch) {
  const v = filledIn(withParameters(data.step, state.theta), data.step, batch);
  PROGRAM.step(v);
  data.parameters.forEach((one, i) => {
    const slot = data.gradients[one.name], part = state.gradient.subarray(offsets[i], offsets[i] + sizes[i]);
    if (slot === null) return void part.fill(0);
    const found = dataOf(v[slot]);
    part.set(found.length === part.length ? found : new Float64Array(part.length).fill(found[0]));
  });
  return numberOf(v[data.step.out]);
}

/** What the network answers for rows of features (flat), row by row. */
function answers(flatX, count) {
  const v = withParameters(data.answer, state.theta);
  v[data.answer.X] = { shape: [count, data.features], data: flatX };
  PROGRAM.answer(v);
  return dataOf(v[data.answer.out]);
}

// ---- updates ----

function newOrder() {
  state.order = state.set.points.map((_, i) => i);
  for (let i = state.order.length - 1; state.shuffle && i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [state.order[i], state.order[j]] = [state.order[j], state.order[i]];
  }
  state.cursor = 0;
}

const batchSize = () => Math.min(state.batch || Infinity, state.set.points.length);

/** The next batch; an epoch ends where the data do. */
function nextBatch() {
  if (!data.features) return null;
  if (state.cursor === 0 || state.order.length !== state.set.points.length) newOrder();
  const chosen = state.order.slice(state.cursor, state.cursor + batchSize());
  state.cursor += chosen.length;
  if (state.cursor >= state.order.length) { state.cursor = 0; state.epoch++; }
  return rows(chosen);
}

function freshOptimiser() {
  const { state: names } = data.optimisers[state.optimiser];
  state.kept = Object.fromEntries(names.map((name) => [name, new Float64Array(total_size)]));
  state.t = 0;
}

const canTrain = () => !data.features || state.set.points.length > 0;

/** One update by the optimiser's formulas; false where the numbers have left the range. */
function update() {
  if (!canTrain()) return false;
  const loss = slope(nextBatch());
  state.losses.push([state.update, loss]);
  if (!Number.isFinite(loss)) return false;
  state.t++;
  const x = { ...data.optimisers[state.optimiser].constants, learning_rate: state.rate, t: state.t };
  PROGRAM[state.optimiser](state.theta, state.gradient, state.kept, x, []);
  state.update++;
  if (total_size === 2) state.path.push([...state.theta]);
  if (state.losses.length > 4000) state.losses = state.losses.filter((_, i) => i % 2 === 0);
  if (state.path.length > 4000) state.path = state.path.filter((_, i) => i % 2 === 0);
  return state.theta.every(Number.isFinite);
}

/** Updates until the data have been seen once more. */
function epoch() {
  if (!data.features) return update();
  const before = state.epoch;
  while (state.epoch === before) if (!update()) return false;
  return true;
}

function restart() {
  state.theta.set(state.start);
  state.gradient.fill(0);
  Object.assign(state, { update: 0, epoch: 0, cursor: 0, losses: [], path: [[...state.start]] });
  freshOptimiser();
}

/** Draw new weights: U(-k, k) for each parameter, as in the script. */
function drawWeights() {
  data.parameters.forEach((one, i) => {
    const part = state.start.subarray(offsets[i], offsets[i] + sizes[i]);
    if (one.reach) part.forEach((_, k) => { part[k] = (2 * random() - 1) * one.reach; });
  });
}

function firstWeights() {
  data.parameters.forEach((one, i) => state.start.set(one.start, offsets[i]));
}

/** The share of right answers among all points; null where there are no classes. */
function accuracy() {
  const { points } = state.set ?? { points: [] };
  if (!data.classes || !points.length) return null;
  const found = answers(Float64Array.from(points.flatMap((one) => one.x)), points.length);
  const width = found.length / points.length;
  const right = points.filter((one, i) => classOf(found.slice(i * width, (i + 1) * width)) === one.y[0]);
  return right.length / points.length;
}

/** The class of one answer: the largest score, or which side of the threshold. */
function classOf(scores) {
  if (scores.length === 1) return Number(scores[0] > data.threshold);
  return scores.indexOf(scores.reduce((a, b) => Math.max(a, b)));
}

/** How sure an answer is of its class, from 0 to 1. */
function sureness(scores) {
  if (scores.length === 1) {
    const p = data.threshold === 0 ? 1 / (1 + Math.exp(-scores[0])) : scores[0];
    return Math.min(1, Math.abs(2 * p - 1));
  }
  const top = scores.reduce((a, b) => Math.max(a, b));
  const p = 1 / scores.reduce((sum, one) => sum + Math.exp(one - top), 0);
  return (p - 1 / scores.length) / (1 - 1 / scores.length);
}
