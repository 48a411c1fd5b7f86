// ---- controls, and the loop that plays ----

const run = { playing: false, before: 0, due: 0 };
const BUDGET = 8; // milliseconds of updates in a frame

const tell = (text) => { byId("live").textContent = text; };

const percent = (share) => (share === null ? "" : `${(100 * share).toFixed(1)} %`);

function drawCounts() {
  byId("update-count").textContent = state.update;
  byId("epoch-count").textContent = state.epoch;
}

function drawLossNow() {
  const loss = lossNow();
  byId("loss-now").textContent = Number.isFinite(loss) ? loss.toPrecision(5) : short(loss);
}

function drawAccuracy() {
  const { points } = state.set ?? { points: [] };
  byId("accuracy-now").textContent = percent(accuracy(points.filter((one) => !one.held)));
}

function drawHeld() {
  const held = heldLoss();
  byId("held-count").hidden = held === null;
  byId("held-now").textContent = held === null ? "" : held.toPrecision(5);
}

/** The parts of the page; while it plays, what is dear to draw takes turns, a part a frame. */
const PARTS = [drawCounts, drawLossNow, drawAccuracy, drawHeld, drawPlane, drawLoss, drawLand, drawWires, drawLayers, drawDrawing, drawWishes, drawTable];
const TURN = 6; // milliseconds of drawing in a frame
const drawn = { at: 0, cost: 0, next: 0, waits: false };

/** Draw on from where the frame before stopped; a round takes a quarter of the time at most. */
function drawTurn() {
  const start = performance.now();
  if (!drawn.next && drawn.cost > TURN && start - drawn.at < 4 * drawn.cost) return;
  if (!drawn.next) drawn.cost = 0;
  do {
    PARTS[drawn.next]();
    drawn.next = (drawn.next + 1) % PARTS.length;
  } while (drawn.next && performance.now() - start < TURN);
  drawn.at = performance.now();
  drawn.cost += drawn.at - start;
}

function drawAll() {
  drawn.next = 0;
  PARTS.forEach((part) => part());
  if (!run.playing) drawWalk();
}

function statusWords() {
  const share = accuracy((state.set?.points ?? []).filter((one) => !one.held)), blanks = { update: state.update, loss: short(lossNow()), accuracy: share === null ? "" : (100 * share).toFixed(1) };
  return say(share === null ? "status" : "statusOfClasses", blanks);
}

/** Say why training has stopped. */
function stopped() {
  pause();
  byId("alarm").textContent = say(state.reason, { update: state.best?.update });
  drawAll();
}

/** Do something and show it; of many things done at once the last is drawn. */
function act(work, told = statusWords) {
  byId("alarm").textContent = "";
  if (work === update || work === epoch) forget();
  if (!work()) return stopped();
  if (!drawn.waits) queueMicrotask(() => { drawn.waits = false; drawAll(); tell(told()); });
  drawn.waits = true;
}

// ---- playing ----

function frame(now) {
  if (!run.playing) return;
  const rate = Number(byId("speed").value);
  run.due = Math.min(run.due + ((now - run.before) / 1000) * (rate || 1e9), rate ? Math.max(1, rate / 4) : 1e9);
  run.before = now;
  const end = performance.now() + BUDGET;
  let moved = drawn.next > 0; // a round that is not yet drawn to its end comes first
  for (; run.due >= 1 && !drawn.next && performance.now() < end; run.due--) {
    if (!update()) return stopped();
    walk.now = null;
    moved = true;
  }
  if (!rate) run.due = 0;
  if (moved) drawTurn();
  requestAnimationFrame(frame);
}

function play() {
  byId("alarm").textContent = "";
  forget();
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
  forget();
  land.box = null;
  drawAll();
  tell(statusWords());
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
  for (const [id, make] of [["one-wire", nextWire], ["one-gate", nextGate], ["one-pass", nextPass]]) byId(id).addEventListener("click", () => act(make, walkWords));
  byId("lesson")?.addEventListener("change", (event) => takeLesson(event.target.value));
  byId("wishes-details").addEventListener("toggle", drawWishes);
  byId("reset").addEventListener("click", () => { firstWeights(); reset(); });
  byId("fresh")?.addEventListener("click", () => { drawWeights(); reset(); });
  byId("theme").addEventListener("click", () => {
    document.documentElement.dataset.theme = isDark() ? "light" : "dark";
    nameTheme();
  });
  document.addEventListener("keydown", onKey);
}

const press = (id) => () => byId(id)?.click();
const KEYS = { " ": press("play"), ".": press("one"), e: press("epoch"), r: press("reset"), w: press("one-wire"), g: press("one-gate"), p: press("one-pass") };

function onKey(event) {
  const busy = event.target.closest?.("input, select, button, summary, pre");
  if (busy || event.ctrlKey || event.altKey || event.metaKey || !KEYS[event.key]) return;
  event.preventDefault();
  KEYS[event.key]();
}

// ---- the start ----

buildCircuit();
listenToPlane();
listenToWires();
listenToDrawing();
listenToButtons();
listenToSettings();
takeLesson("");
drawPlaying();
nameTheme();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", nameTheme);
