// ---- the data: points on a plane, what the network makes of it, and editing ----

const SIDE = 400, GRID = 50;
const MARKS = [
  "M0 -6A6 6 0 1 1 -0.01 -6Z", "M-5 -5H5V5H-5Z", "M0 -7L6.5 5H-6.5Z", "M0 -7L7 0L0 7L-7 0Z",
  "M-2 -6H2V-2H6V2H2V6H-2V2H-6V-2H-2Z", "M0 7L6.5 -5H-6.5Z",
];
/** Okabe and Ito's colours, told apart by all kinds of colour vision. */
const COLOURS = [[0, 114, 178], [230, 159, 0], [0, 158, 115], [204, 121, 167], [86, 180, 233], [213, 94, 0]];
const plot = { box: null, chosen: null, dragging: false };
const isPlane = () => data.kind === "classes" || data.kind === "curve";

const flatPoint = (one) => (data.kind === "classes" ? one.x : [one.x[0], one.y[0]]);
const acrossPlot = (x) => ((x - plot.box[0]) / (plot.box[1] - plot.box[0])) * SIDE;
const upPlot = (y) => SIDE - ((y - plot.box[2]) / (plot.box[3] - plot.box[2])) * SIDE;

function plotBox() {
  const range = (k) => {
    const all = state.set.points.map((one) => flatPoint(one)[k]);
    if (!all.length) return [-2, 2];
    const low = Math.min(...all), high = Math.max(...all), room = 0.1 * (high - low) || 1;
    return [low - room, high + room];
  };
  plot.box = [...range(0), ...range(1)];
}

function paintClasses() {
  const flat = new Float64Array(2 * GRID * GRID), [left, right, low, high] = plot.box;
  for (let i = 0; i < GRID * GRID; i++) {
    flat[2 * i] = left + ((i % GRID) + 0.5) * (right - left) / GRID;
    flat[2 * i + 1] = high - (Math.floor(i / GRID) + 0.5) * (high - low) / GRID;
  }
  const found = answers(flat, GRID * GRID), width = found.length / (GRID * GRID);
  const image = new ImageData(GRID, GRID);
  for (let i = 0; i < GRID * GRID; i++) {
    const scores = found.slice(i * width, (i + 1) * width);
    const colour = COLOURS[classOf(scores) % COLOURS.length];
    image.data.set([...colour, 40 + 120 * (sureness(scores) || 0)], 4 * i);
  }
  const canvas = byId("plane-cells");
  [canvas.width, canvas.height] = [GRID, GRID];
  canvas.getContext("2d").putImageData(image, 0, 0);
}

function fittedCurve() {
  const count = 160, [left, right] = plot.box;
  const xs = Float64Array.from({ length: count }, (_, i) => left + (i * (right - left)) / (count - 1));
  const ys = answers(xs, count);
  return line([...xs].map((x, i) => [acrossPlot(x), Math.min(Math.max(upPlot(ys[i]), -999), 1999)]));
}

/** What the network answers now, below or above the points. */
function drawPlane() {
  if (!isPlane()) return;
  if (data.kind === "classes") {
    byId("fit").setAttribute("d", "");
    paintClasses();
  }
  else {
    byId("plane-cells").getContext("2d").clearRect(0, 0, GRID, GRID);
    byId("fit").setAttribute("d", fittedCurve());
  }
}

/** The points themselves, after a change of them. */
function drawPoints() {
  const svg = byId("points"), [left, right, low, high] = plot.box;
  svg.replaceChildren();
  for (const x of ticks(left, right)) svg.append(element("text", { x: acrossPlot(x), y: SIDE - 5, class: "tick", "text-anchor": "middle" }, short(x)));
  for (const y of ticks(low, high)) svg.append(element("text", { x: 5, y: upPlot(y) + 4, class: "tick" }, short(y)));
  state.set.points.forEach((one, i) => svg.append(mark(one, i)));
  byId("remove").disabled = plot.chosen === null;
}

function mark(one, i) {
  const [x, y] = flatPoint(one), label = data.kind === "classes" ? one.y[0] : 0;
  const chosen = (i === plot.chosen ? " chosen" : "") + (one.held ? " held" : "");
  return element("path", { d: MARKS[label % MARKS.length], "data-point": i, class: `point class${label % MARKS.length}${chosen}`,
    transform: `translate(${acrossPlot(x).toFixed(1)} ${upPlot(y).toFixed(1)})` });
}

// ---- editing ----

const rounded = (x) => Number(x.toFixed(3));

function placed(one, x, y) {
  if (data.kind === "classes") one.x = [rounded(x), rounded(y)];
  else [one.x, one.y] = [[rounded(x)], [rounded(y)]];
}

function edited() {
  land.stale = true;
  forgetOrder();
  forget();
  if (isPlane()) drawPoints();
  drawAll();
}

function add(x, y) {
  const label = Number(byId("new-class")?.value ?? 0), one = { x: [], y: [label] };
  placed(one, x, y);
  state.set.points.push(one);
  choose(state.set.points.length - 1);
  edited();
}

function choose(i) {
  const count = state.set.points.length;
  plot.chosen = count && i !== null ? (i + count) % count : null;
  if (plot.chosen !== null) tell(pointWords(plot.chosen));
  drawPoints();
}

function pointWords(i) {
  const one = state.set.points[i], [x, y] = flatPoint(one), blanks = { i: i + 1, n: state.set.points.length, x: short(x), y: short(y) };
  return data.kind === "classes" ? say("pointOfClass", { ...blanks, label: one.y[0] }) : say("point", blanks);
}

function remove() {
  if (plot.chosen === null) return;
  state.set.points.splice(plot.chosen, 1);
  const next = Math.min(plot.chosen, state.set.points.length - 1);
  plot.chosen = null;
  tell(say("removed", { n: state.set.points.length }));
  if (next >= 0) plot.chosen = next;
  edited();
}

function move(dx, dy) {
  if (plot.chosen === null) return;
  const one = state.set.points[plot.chosen], [x, y] = flatPoint(one), [left, right, low, high] = plot.box;
  placed(one, x + dx * (right - left), y + dy * (high - low));
  tell(pointWords(plot.chosen));
  edited();
}

const PLOT_KEYS = {
  ArrowLeft: (far) => move(-far, 0), ArrowRight: (far) => move(far, 0),
  ArrowUp: (far) => move(0, far), ArrowDown: (far) => move(0, -far),
  PageDown: () => choose((plot.chosen ?? -1) + 1), PageUp: () => choose((plot.chosen ?? 0) - 1),
  Delete: remove, Backspace: remove, Escape: () => choose(null),
  Insert: () => add((plot.box[0] + plot.box[1]) / 2, (plot.box[2] + plot.box[3]) / 2),
};
PLOT_KEYS.a = PLOT_KEYS.Insert;

function onPlotKey(event) {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const label = data.kind === "classes" && /^\d$/.test(event.key) ? Number(event.key) : -1;
  if (label >= 0 && label < data.classes && plot.chosen !== null) {
    state.set.points[plot.chosen].y = [label];
    tell(pointWords(plot.chosen));
    edited();
  } else if (PLOT_KEYS[event.key]) PLOT_KEYS[event.key](event.shiftKey ? 0.005 : 0.025);
  else return;
  event.preventDefault();
}

/** Where a pointer is, in the data's numbers. */
function under(event) {
  const box = byId("plane").getBoundingClientRect(), [left, right, low, high] = plot.box;
  const x = (event.clientX - box.left) / box.width, y = 1 - (event.clientY - box.top) / box.height;
  return [left + x * (right - left), low + y * (high - low)];
}

function onPress(event) {
  const found = event.target.dataset?.point;
  if (event.button === 2 || event.shiftKey) {
    if (found === undefined) return;
    plot.chosen = Number(found);
    return remove();
  }
  if (found === undefined) add(...under(event));
  else choose(Number(found));
  plot.dragging = true;
  byId("plane").setPointerCapture(event.pointerId);
}

function onDrag(event) {
  if (!plot.dragging || plot.chosen === null) return;
  placed(state.set.points[plot.chosen], ...under(event));
  edited();
}

function listenToPlane() {
  const svg = byId("plane");
  svg.addEventListener("pointerdown", onPress);
  svg.addEventListener("pointermove", onDrag);
  for (const end of ["pointerup", "pointercancel"]) svg.addEventListener(end, () => { plot.dragging = false; });
  svg.addEventListener("contextmenu", (event) => event.preventDefault());
  svg.addEventListener("keydown", onPlotKey);
  byId("add").addEventListener("click", () => PLOT_KEYS.Insert());
  byId("remove").addEventListener("click", remove);
}
