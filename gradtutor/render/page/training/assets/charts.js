// ---- the loss curve, and the landscape of two parameters ----

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 400, HEIGHT = 300, LEFT = 56, BOTTOM = 28, TOP = 12;

function element(name, attributes = {}, text = "") {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text) made.textContent = text;
  return made;
}

const short = (x) => {
  if (!Number.isFinite(x)) return Number.isNaN(x) ? "nan" : x > 0 ? "∞" : "-∞";
  const size = Math.abs(x);
  if (size !== 0 && (size < 1e-3 || size >= 1e5)) {
    const [digits, power] = x.toExponential(1).split("e");
    return `${digits.replace(".0", "")}·10${LINES.raised(power)}`;
  }
  return String(Number(x.toPrecision(3)));
};

/** Round numbers between two, about five of them. */
function ticks(low, high) {
  const raw = (high - low) / 4, unit = 10 ** Math.floor(Math.log10(raw));
  const step = unit * ([1, 2, 5].find((one) => one * unit >= raw) ?? 10);
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, i) => (first + i) * step);
}

/** Powers of ten, or parts of one. */
function logTicks(low, high) {
  const found = [], apart = Math.ceil((high - low) / 6);
  if (apart > 1) return ticks(low, high).filter((one) => one % 1 === 0);
  for (let power = Math.floor(low); power <= high; power++) {
    for (const digit of high - low < 2.2 ? [1, 2, 5] : [1]) {
      const at = power + Math.log10(digit);
      if (at >= low && at <= high) found.push(at);
    }
  }
  return found.length < 2 ? ticks(low, high) : found;
}

const line = (points) => points.map(([x, y], i) => `${i ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");

function axes(svg, across, up, ticksX, ticksY) {
  for (const x of ticksX) {
    svg.append(element("text", { x: across(x), y: HEIGHT - 8, class: "tick", "text-anchor": "middle" }, short(x)));
  }
  for (const y of ticksY) {
    svg.append(element("path", { d: `M${LEFT} ${up(y)}H${WIDTH - 8}`, class: "rule" }));
    svg.append(element("text", { x: LEFT - 6, y: up(y) + 4, class: "tick", "text-anchor": "end" }, short(y)));
  }
}

/** Draw the loss of each update, by a logarithmic scale where it spans a wide range; dashed: of points held out. */
function drawLoss() {
  const svg = byId("loss"), found = state.losses.filter(([, y]) => Number.isFinite(y));
  const held = found.filter(([, , y]) => Number.isFinite(y)).map(([x, , y]) => [x, y]);
  svg.replaceChildren();
  byId("loss-key").hidden = !held.length;
  if (found.length < 2) {
    svg.append(element("text", { x: WIDTH / 2, y: HEIGHT / 2, class: "tick", "text-anchor": "middle" }, words.noLoss));
    return;
  }
  const all = [...found, ...held].map(([, y]) => y), lowest = Math.min(...all), highest = Math.max(...all);
  const log = lowest > 0 && highest > 5 * lowest, scale = (y) => (log ? Math.log10(y) : y);
  const room = Math.max((scale(highest) - scale(lowest)) * 0.05, log ? 0.03 : 1e-9);
  const [low, high] = [scale(lowest) - room, scale(highest) + room];
  const last = Math.max(10, found.at(-1)[0]);
  const across = (x) => LEFT + (x / last) * (WIDTH - LEFT - 16);
  const up = (y) => HEIGHT - BOTTOM - ((scale(y) - low) / (high - low)) * (HEIGHT - BOTTOM - TOP);
  const wanted = (log ? logTicks(low, high) : ticks(low, high)).map((y) => (log ? 10 ** y : y));
  axes(svg, across, up, ticks(0, last).filter((x) => x % 1 === 0), wanted);
  const drawCurve = (points, name) => svg.append(element("path", { d: line(points.map(([x, y]) => [across(x), up(y)])), class: `curve ${name}` }));
  drawCurve(found, "");
  if (held.length) drawCurve(held, "held");
  const [x, y] = found.at(-1);
  svg.append(element("circle", { cx: across(x), cy: up(y), r: 4, class: "now" }));
  if (state.best) svg.append(element("path", { d: `M${across(state.best.update)} ${TOP}V${HEIGHT - BOTTOM}`, class: "best-line" }));
}

// ---- the landscape ----

const CELLS = 56;
/** From low to high: dark blue to yellow, told apart by brightness alone (viridis). */
const HEIGHTS = [[68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [253, 231, 37]];
const land = { box: null, stale: true };

function colourAt(share) {
  const at = Math.min(Math.max(share, 0), 0.9999) * (HEIGHTS.length - 1), i = Math.floor(at);
  return HEIGHTS[i].map((from, k) => from + (HEIGHTS[i + 1][k] - from) * (at - i));
}

/** Keep the start and the whole path inside, with room around. */
function landBox() {
  if (land.box && land.length === state.path.length) return;
  land.length = state.path.length;
  const inside = (box) => state.path.every(([a, b]) => a > box[0] && a < box[1] && b > box[2] && b < box[3]);
  if (land.box && inside(land.box)) return;
  const range = (k) => {
    const [first] = state.path, far = 25 + 10 * Math.abs(first[k]); // what flies away is not followed
    const all = state.path.map((one) => one[k]).filter((x) => Math.abs(x - first[k]) < far);
    const low = Math.min(...all), high = Math.max(...all), room = Math.max(0.4 * (high - low), 1.5);
    return [low - room, high + room];
  };
  land.box = [...range(0), ...range(1)];
  land.stale = true;
}

function paintLand() {
  const [left, right, low, high] = land.box, batch = allRows();
  const heights = new Float64Array(CELLS * CELLS), at = new Float64Array(2);
  for (let i = 0; i < heights.length; i++) {
    at[0] = left + ((i % CELLS) + 0.5) * (right - left) / CELLS;
    at[1] = high - (Math.floor(i / CELLS) + 0.5) * (high - low) / CELLS;
    heights[i] = lossAt(at, batch);
  }
  const known = [...heights].filter(Number.isFinite).sort((a, b) => a - b);
  const least = known[0], most = known[Math.floor(known.length * 0.98)];
  const share = (x) => Math.sqrt((x - least) / (most - least || 1));
  const canvas = byId("land-cells"), image = new ImageData(CELLS, CELLS);
  heights.forEach((x, i) => image.data.set([...(Number.isFinite(x) ? colourAt(share(x)) : [128, 128, 128]), 255], 4 * i));
  [canvas.width, canvas.height] = [CELLS, CELLS];
  canvas.getContext("2d").putImageData(image, 0, 0);
  land.stale = false;
}

function drawLand() {
  if (total_size !== 2 || !canTrain()) return;
  landBox();
  if (land.stale) paintLand();
  const [left, right, low, high] = land.box, svg = byId("land");
  const near = (x) => Math.min(Math.max(x, -9999), 9999) || 0;
  const across = (x) => near(((x - left) / (right - left)) * WIDTH), up = (y) => near(WIDTH - ((y - low) / (high - low)) * WIDTH);
  const way = state.path.map(([a, b]) => [across(a), up(b)]);
  svg.replaceChildren(element("path", { d: line(way), class: "way under" }), element("path", { d: line(way), class: "way" }));
  way.slice(-40).forEach(([cx, cy]) => svg.append(element("circle", { cx, cy, r: 2.5, class: "stop" })));
  svg.append(element("circle", { cx: way.at(-1)[0], cy: way.at(-1)[1], r: 6, class: "here" }));
  for (const x of ticks(left, right)) svg.append(element("text", { x: across(x), y: WIDTH - 6, class: "on-land", "text-anchor": "middle" }, short(x)));
  for (const y of ticks(low, high).slice(1)) svg.append(element("text", { x: 6, y: up(y) + 4, class: "on-land" }, short(y)));
}
