// ---- what is trained: a network's parameters in one flat vector, and its programs ----

const byId = (id) => document.getElementById(id);
const page = JSON.parse(byId("data").textContent);
const { words } = page;
const FRACTION = 0x100000000;

/** A sentence with its blanks filled. */
const say = (key, blanks = {}) =>
  Object.entries(blanks).reduce((text, [name, value]) => text.replaceAll(`{${name}}`, value), words[key]);

/** The network that is trained now, with the slots of its activation; its programs; its sizes. */
let data, program, sizes, offsets, total_size, positions;

const state = { optimiser: "", rate: 0, batch: 0, shuffle: true, hold: 0, patience: 0, seed: 1, set: null, fill: {}, kept: {} };

/** Make one of the page's networks the one that is trained. */
function useNetwork(key) {
  data = { ...page.networks[key], key };
  sizes = data.parameters.map((one) => product(one.shape));
  offsets = sizes.map((_, i) => sizes.slice(0, i).reduce((a, b) => a + b, 0));
  total_size = sizes.reduce((a, b) => a + b, 0);
  positions = Object.fromEntries(data.parameters.map((one, i) => [one.name, i]));
  for (const name of ["theta", "gradient", "start"]) state[name] = new Float64Array(total_size);
  useActivation(data.activation);
}

function useActivation(name) {
  Object.assign(data, data.variants[name], { activation: name });
  program = PROGRAMS[data.program];
}

/** A parameter's part of a flat vector. */
const partOf = (flat, i) => flat.subarray(offsets[i], offsets[i] + sizes[i]);

/** Random numbers of the page's own in [0, 1), the same for the same seed (mulberry32). */
function random() {
  state.seed = (state.seed + 0x6d2b79f5) | 0;
  let t = Math.imul(state.seed ^ (state.seed >>> 15), 1 | state.seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / FRACTION;
}

/** A parameter's place in a flat vector, as the program takes it. */
function view(flat, i) {
  const { shape } = data.parameters[i], part = partOf(flat, i);
  return shape.length ? { shape, data: part } : part[0];
}

function withParameters(slots, flat) {
  const v = [];
  data.parameters.forEach((one, i) => {
    if (slots[one.name] !== null && slots[one.name] !== undefined) v[slots[one.name]] = view(flat, i);
  });
  return v;
}

/** The points that are learned, and those held out, by their places. */
const learned = () => state.set.points.flatMap((one, i) => (one.held ? [] : [i]));
const heldOut = () => state.set.points.flatMap((one, i) => (one.held ? [i] : []));

/** Rows of so many numbers, one after the other. */
function sideBySide(found, width) {
  const flat = new Float64Array(found.length * width);
  found.forEach((one, i) => flat.set(one, i * width));
  return flat;
}

/** Rows of the data as tensors X and y; without a choice all that are learned. */
function rows(chosen) {
  const { points } = state.set, at = chosen ?? learned();
  const target = data.targetShape, tall = [at.length, ...target];
  const X = sideBySide(at.map((i) => points[i].x), data.features);
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
  program.loss(v);
  return numberOf(v[data.loss.out]);
}

const allRows = () => (data.features ? rows() : null);
const canTrain = () => !data.features || state.set.points.some((one) => !one.held);
const lossNow = () => (canTrain() ? lossAt(state.theta, allRows()) : NaN);
const hasHeldOut = () => Boolean(data.features) && state.set.points.some((one) => one.held);
const heldLoss = () => (hasHeldOut() ? lossAt(state.theta, rows(heldOut())) : null);

/** Compute loss and gradient of a batch into state.gradient. */
function slope(batch) {
  const v = filledIn(withParameters(data.step, state.theta), data.step, batch);
  program.step(v);
  data.parameters.forEach((one, i) => {
    const slot = data.gradients[one.name], part = partOf(state.gradient, i);
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
  program.answer(v);
  return dataOf(v[data.answer.out]);
}

/** The share of right answers among points; null where there are no classes. */
function accuracy(points) {
  if (!data.classes || !points.length) return null;
  const found = answers(sideBySide(points.map((one) => one.x), data.features), points.length);
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

/** The probability of each class that an answer stands for. */
function probabilities(scores) {
  if (scores.length === 1) {
    const p = data.threshold === 0 ? 1 / (1 + Math.exp(-scores[0])) : scores[0];
    return [1 - p, p];
  }
  const top = scores.reduce((a, b) => Math.max(a, b)), parts = Array.from(scores, (one) => Math.exp(one - top));
  const all = parts.reduce((a, b) => a + b);
  return parts.map((one) => one / all);
}
