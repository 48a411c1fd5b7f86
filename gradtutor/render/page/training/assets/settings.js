// ---- settings: data, activation, optimiser, learning rate, batches, points held out ----

/** The inputs of a set, row by row; images are written as bytes. */
function rowsOfSet({ X }) {
  if (Array.isArray(X)) return X.map((x) => [...x]);
  const bytes = Uint8Array.from(atob(X.bytes), (one) => one.charCodeAt(0));
  return Array.from({ length: bytes.length / X.width }, (_, i) =>
    Array.from(bytes.subarray(i * X.width, (i + 1) * X.width), (x) => x / X.scale));
}

function offerSets() {
  const field = byId("set");
  if (!field) return;
  field.replaceChildren(...data.sets.map((at) => new Option(page.sets[at].title, page.sets[at].name)));
}

function takeSet(name) {
  const found = data.sets.map((at) => page.sets[at]).find((one) => one.name === name);
  if (!found) return;
  byId("set").value = name;
  state.set = { points: rowsOfSet(found).map((x, i) => ({ x, y: [found.y[i]].flat(), held: false })) };
  holdOut();
  plot.chosen = null;
  if (isPlane()) { plotBox(); drawPoints(); }
  reset();
}

/** Hold out the given share of the points: of each class alike, as they were shuffled with the set. */
function holdOut() {
  if (!state.set) return;
  const { points } = state.set, kept = Math.max(1, Math.round(points.length * (1 - state.hold / 100)));
  const order = points.map((_, i) => i).sort((a, b) => ((a * 7919 + 13) % points.length) - ((b * 7919 + 13) % points.length));
  order.forEach((i, place) => { points[i].held = place >= kept; });
  forgetOrder();
}

/** Read a number; a wrong one is marked and not taken. */
function readNumber(id, taken, isRight) {
  const field = byId(id), value = Number(field.value), right = field.value.trim() !== "" && isRight(value);
  if (right) { field.removeAttribute("aria-invalid"); taken(value); }
  else field.setAttribute("aria-invalid", "true");
}

function takeOptimiser() {
  state.optimiser = byId("optimiser").value;
  byId("formulas").textContent = page.optimisers[state.optimiser].formulas.join("\n");
  freshOptimiser();
  offerParts();
}

function takeActivation(name) {
  useActivation(name);
  forget();
  drawAll();
}

function takeHold(value) {
  state.hold = value;
  holdOut();
  if (isPlane()) drawPoints();
  forget();
  drawAll();
}

const slide = (rate) => { byId("rate-slider").value = Math.log10(rate); };
const isWhole = (x) => Number.isInteger(x) && x >= 0;

/** Show where the settings stand. */
function showSettings() {
  byId("optimiser").value = state.optimiser;
  byId("rate").value = state.rate;
  slide(state.rate);
  for (const name of ["batch", "hold", "patience"]) if (byId(name)) byId(name).value = state[name];
  for (const field of document.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
  const field = byId("activation");
  if (!field) return;
  field.value = data.activation;
  field.closest("label").hidden = Object.keys(data.variants).length < 2;
}

function listenToSettings() {
  const on = (id, kind, taken) => byId(id)?.addEventListener(kind, taken);
  on("set", "change", (event) => takeSet(event.target.value));
  on("activation", "change", (event) => takeActivation(event.target.value));
  on("optimiser", "change", () => { takeOptimiser(); drawAll(); });
  on("rate", "input", () => readNumber("rate", (x) => { state.rate = x; slide(x); }, (x) => x > 0 && x < 1e9));
  on("rate-slider", "input", (event) => {
    state.rate = Number((10 ** Number(event.target.value)).toPrecision(2));
    byId("rate").value = state.rate;
    byId("rate").removeAttribute("aria-invalid");
  });
  on("batch", "input", () => readNumber("batch", (x) => { state.batch = x; forgetOrder(); forget(); }, isWhole));
  on("shuffle", "change", (event) => { state.shuffle = event.target.checked; forgetOrder(); forget(); });
  on("hold", "change", () => readNumber("hold", takeHold, (x) => x >= 0 && x <= 95));
  on("patience", "input", () => readNumber("patience", (x) => { state.patience = x; state.best = null; }, isWhole));
}
