// ---- batches, updates, epochs; points held out, and stopping early ----

function newOrder() {
  state.order = learned();
  for (let i = state.order.length - 1; state.shuffle && i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [state.order[i], state.order[j]] = [state.order[j], state.order[i]];
  }
  Object.assign(state, { cursor: 0, ordered: true });
}

/** Begin a new epoch with the next update: the data have changed. */
function forgetOrder() {
  Object.assign(state, { ordered: false, cursor: 0 });
}

/** The places of the next batch's points; looking at them does not use them up. */
function chosenNext() {
  if (!state.ordered) newOrder();
  return state.order.slice(state.cursor, state.cursor + (state.batch || state.order.length));
}

/** The next batch; an epoch ends where the data do. */
function nextBatch() {
  if (!data.features) return null;
  const chosen = chosenNext();
  state.cursor += chosen.length;
  if (state.cursor >= state.order.length) { forgetOrder(); state.epoch++; }
  return rows(chosen);
}

function freshOptimiser() {
  const { state: names } = page.optimisers[state.optimiser];
  state.kept = Object.fromEntries(names.map((name) => [name, new Float64Array(total_size)]));
  state.t = 0;
}

const thinned = (list) => (list.length > 4000 ? list.filter((_, i) => i % 2 === 0) : list);

/** One update by the optimiser's formulas; false where it cannot go on (state.reason says why). */
function update() {
  state.reason = canTrain() ? "diverged" : "noPoints";
  if (!canTrain()) return false;
  if (enough()) return false;
  const held = heldLoss(), loss = slope(nextBatch());
  state.losses.push([state.update, loss, held]);
  state.losses = thinned(state.losses);
  if (!Number.isFinite(loss)) return false;
  state.t++;
  const x = { ...page.optimisers[state.optimiser].constants, learning_rate: state.rate, t: state.t };
  OPTIMISERS[state.optimiser](state.theta, state.gradient, state.kept, x, []);
  state.update++;
  if (total_size === 2) state.path.push([...state.theta]);
  state.path = thinned(state.path);
  return state.theta.every(Number.isFinite);
}

/** Whether the points held out have not become better for so many updates: back to the best. */
function enough() {
  if (!state.patience || !hasHeldOut()) return false;
  const held = heldLoss();
  if (!state.best || held < state.best.loss) {
    state.best = { loss: held, update: state.update, theta: state.theta.slice() };
    return false;
  }
  if (state.update - state.best.update < state.patience) return false;
  state.theta.set(state.best.theta);
  state.reason = "early";
  return true;
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
  Object.assign(state, { update: 0, epoch: 0, losses: [], path: [[...state.start]], best: null });
  forgetOrder();
  freshOptimiser();
}

/** Draw new weights: U(-k, k) for each parameter, as in the script. */
function drawWeights() {
  data.parameters.forEach((one, i) => {
    if (one.reach) partOf(state.start, i).forEach((_, k, part) => { part[k] = (2 * random() - 1) * one.reach; });
  });
}

/** Numbers as the page has them: written out, or as bytes of float32. */
function numbersIn(start) {
  if (Array.isArray(start)) return start;
  const bytes = Uint8Array.from(atob(start.floats), (one) => one.charCodeAt(0));
  return new Float32Array(bytes.buffer);
}

/** The script's first weights; a lesson may begin with other numbers. */
function firstWeights() {
  data.parameters.forEach((one, i) => {
    state.start.set(numbersIn(one.start), offsets[i]);
    if (one.name in state.fill) partOf(state.start, i).fill(state.fill[one.name]);
  });
}
