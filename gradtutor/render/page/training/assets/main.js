// ---- controls, and the loop that plays ----

const run = { playing: false, before: 0, due: 0 };
const BUDGET = 14; // milliseconds of updates in a frame

const tell = (text) => { byId("live").textContent = text; };

function drawStatus(loss) {
  const share = accuracy();
  byId("update-count").textContent = state.update;
  byId("epoch-count").textContent = state.epoch;
  byId("loss-now").textContent = Number.isFinite(loss) ? loss.toPrecision(5) : String(loss);
  byId("accuracy-now").textContent = share === null ? "" : `${(100 * share).toFixed(1)} %`;
}

const drawn = { at: 0, cost: 0 };
const CHEAP = 15; // milliseconds of drawing that fit into every frame

/** While it plays, what is dear to draw is drawn in a quarter of the time at most. */
function drawIfDue() {
  const start = performance.now();
  if (drawn.cost > CHEAP && start - drawn.at < 4 * drawn.cost) return;
  drawAll();
  drawn.at = performance.now();
  drawn.cost = drawn.at - start;
}

function drawAll() {
  drawStatus(lossNow());
  drawPlane();
  drawLoss();
  drawLand();
  drawWires();
  drawTable();
}

function statusWords() {
  const share = accuracy(), blanks = { update: state.update, loss: short(lossNow()), accuracy: share === null ? "" : (100 * share).toFixed(1) };
  return say(share === null ? "status" : "statusOfClasses", blanks);
}

/** Say why training has stopped. */
function stopped() {
  pause();
  const reason = canTrain() ? words.diverged : words.noPoints;
  byId("alarm").textContent = reason;
  drawAll();
}

function act(work) {
  byId("alarm").textContent = "";
  if (!work()) return stopped();
  drawAll();
  tell(statusWords());
}

// ---- playing ----

function frame(now) {
  if (!run.playing) return;
  const rate = Number(byId("speed").value);
  run.due = Math.min(run.due + ((now - run.before) / 1000) * (rate || 1e9), rate ? Math.max(1, rate / 4) : 1e9);
  run.before = now;
  const end = performance.now() + BUDGET;
  let moved = false;
  for (; run.due >= 1 && performance.now() < end; run.due--) {
    if (!update()) return stopped();
    moved = true;
  }
  if (!rate) run.due = 0;
  if (moved) drawIfDue();
  requestAnimationFrame(frame);
}

function play() {
  byId("alarm").textContent = "";
  Object.assign(run, { playing: true, before: performance.now(), due: 1 });
  drawPlaying();
  requestAnimationFrame(frame);
}

function pause() {
  run.playing = false;
  drawPlaying();
  drawAll();
  tell(statusWords());
}

function drawPlaying() {
  byId("play").textContent = run.playing ? `❚❚ ${words.pause}` : `▶ ${words.play}`;
  byId("play").setAttribute("aria-pressed", run.playing);
}

function reset() {
  if (run.playing) pause();
  byId("alarm").textContent = "";
  restart();
  land.box = null;
  drawAll();
  tell(statusWords());
}

// ---- settings ----

function takeSet(name) {
  const found = data.sets.find((one) => one.name === name);
  if (!found) return;
  state.set = { points: found.X.map((x, i) => ({ x: [...x], y: [found.y[i]].flat() })) };
  plot.chosen = null;
  if (isPlane) { plotBox(); drawPoints(); }
  reset();
}

/** Read a number; a wrong one is marked and not taken. */
function readNumber(id, taken, isRight) {
  const field = byId(id), value = Number(field.value), right = field.value.trim() !== "" && isRight(value);
  if (right) { field.removeAttribute("aria-invalid"); taken(value); }
  else field.setAttribute("aria-invalid", "true");
}

function takeOptimiser() {
  state.optimiser = byId("optimiser").value;
  byId("formulas").textContent = data.optimisers[state.optimiser].formulas.join("\n");
  freshOptimiser();
  drawTable();
}

const slide = (rate) => { byId("rate-slider").value = Math.log10(rate); };

function listenToSettings() {
  byId("set")?.addEventListener("change", (event) => takeSet(event.target.value));
  byId("optimiser").addEventListener("change", takeOptimiser);
  byId("rate").addEventListener("input", () => readNumber("rate", (x) => { state.rate = x; slide(x); }, (x) => x > 0 && x < 1e9));
  byId("rate-slider").addEventListener("input", (event) => {
    state.rate = Number((10 ** Number(event.target.value)).toPrecision(2));
    byId("rate").value = state.rate;
    byId("rate").removeAttribute("aria-invalid");
  });
  byId("batch")?.addEventListener("input", () => readNumber("batch", (x) => { state.batch = x; state.cursor = 0; }, (x) => Number.isInteger(x) && x >= 0));
  byId("shuffle")?.addEventListener("change", (event) => { state.shuffle = event.target.checked; state.cursor = 0; });
}

function isDark() {
  const { theme } = document.documentElement.dataset;
  return theme ? theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

const nameTheme = () => { byId("theme").textContent = isDark() ? words.light : words.dark; };

function listenToButtons() {
  byId("play").addEventListener("click", () => (run.playing ? pause() : play()));
  byId("one").addEventListener("click", () => act(update));
  byId("epoch")?.addEventListener("click", () => act(epoch));
  byId("reset").addEventListener("click", () => { firstWeights(); reset(); });
  byId("fresh")?.addEventListener("click", () => { drawWeights(); reset(); });
  byId("theme").addEventListener("click", () => {
    document.documentElement.dataset.theme = isDark() ? "light" : "dark";
    nameTheme();
  });
  document.addEventListener("keydown", onKey);
}

const KEYS = { " ": () => byId("play").click(), ".": () => byId("one").click(), e: () => byId("epoch")?.click(), r: () => byId("reset").click() };

function onKey(event) {
  const busy = event.target.closest?.("input, select, button, summary, pre");
  if (busy || event.ctrlKey || event.altKey || event.metaKey || !KEYS[event.key]) return;
  event.preventDefault();
  KEYS[event.key]();
}

// ---- the start ----

firstWeights();
freshOptimiser();
if (isPlane) listenToPlane();
if (data.layers.length) buildNeurons();
else if (data.circuit) buildCircuit();
else buildMatrices();
listenToWires();
listenToButtons();
listenToSettings();
byId("rate").value = state.rate;
slide(state.rate);
takeOptimiser();
if (data.sets.length) takeSet(data.sets[0].name);
else reset();
drawPlaying();
nameTheme();
