// ---- an image drawn by hand, and what the network answers ----

const brush = { ink: null, at: 0, down: false };
const imageSide = () => data.image[1];

function buildDrawing() {
  const panel = byId("drawing-panel");
  panel.hidden = !data.image.length;
  if (panel.hidden) return;
  brush.ink = new Float64Array(data.features);
  brush.at = Math.floor(data.image[0] / 2) * imageSide() + Math.floor(imageSide() / 2);
  const classes = Array.from({ length: data.classes }, (_, i) => new Option(i, i));
  byId("drawn-class").replaceChildren(...classes);
}

/** Grey levels as an image, dark ink on white. */
function paintImage(canvas, ink, side) {
  [canvas.width, canvas.height] = [side, ink.length / side];
  const image = new ImageData(canvas.width, canvas.height);
  ink.forEach((x, k) => image.data.set([255 * (1 - x), 255 * (1 - x), 255 * (1 - x), 255], 4 * k));
  canvas.getContext("2d").putImageData(image, 0, 0);
}

function drawDrawing() {
  if (!brush.ink || !data.image.length) return;
  paintImage(byId("drawn"), brush.ink, imageSide());
  const found = probabilities(answers(brush.ink, 1)), best = found.indexOf(Math.max(...found));
  byId("drawn-answers").replaceChildren(...found.map((p, i) => answerBar(i, p, i === best)));
  const cursor = byId("drawn-cursor").style, share = 100 / imageSide();
  cursor.setProperty("width", `${share}%`);
  cursor.setProperty("height", `${100 / data.image[0]}%`);
  cursor.setProperty("left", `${share * (brush.at % imageSide())}%`);
  cursor.setProperty("top", `${(100 / data.image[0]) * Math.floor(brush.at / imageSide())}%`);
}

function answerBar(i, p, isBest) {
  const line = document.createElement("div"), title = document.createElement("span"), meter = document.createElement("meter");
  title.textContent = `${i}: ${(100 * p).toFixed(1)} %`;
  if (isBest) line.className = "best";
  Object.assign(meter, { min: 0, max: 1, value: p });
  meter.setAttribute("aria-hidden", "true");
  line.append(title, meter);
  return line;
}

/** Ink at a pixel, and a little on its neighbours; larger images have a broader brush. */
function ink(at) {
  const side = imageSide(), [x, y] = [at % side, Math.floor(at / side)], wide = Math.max(1, side / 10);
  brush.ink.forEach((before, k) => {
    const far = Math.hypot((k % side) - x, Math.floor(k / side) - y) / wide;
    if (far < 1.5) brush.ink[k] = Math.max(before, Math.min(1, 1.3 - 0.75 * far));
  });
  brush.at = at;
  drawDrawing();
}

function pixelUnder(event) {
  const box = byId("drawn").getBoundingClientRect(), [tall, wide] = data.image;
  const at = (share, count) => Math.min(count - 1, Math.max(0, Math.floor(share * count)));
  return at((event.clientY - box.top) / box.height, tall) * wide + at((event.clientX - box.left) / box.width, wide);
}

function onDrawKey(event) {
  const side = imageSide(), [x, y] = [brush.at % side, Math.floor(brush.at / side)];
  const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
  if (moves) {
    const inside = (value, count) => Math.min(count - 1, Math.max(0, value));
    brush.at = inside(y + moves[1], data.image[0]) * side + inside(x + moves[0], side);
    if (event.shiftKey) ink(brush.at);
  } else if (event.key === " ") ink(brush.at);
  else if (event.key === "Delete") brush.ink.fill(0);
  else return;
  drawDrawing();
  tell(words.inkAnswer.replace("{label}", byId("drawn-answers").querySelector(".best").textContent));
  event.preventDefault();
}

function takeExample() {
  const { points } = state.set;
  brush.ink.set(points[Math.floor(random() * points.length)].x);
  drawDrawing();
}

function listenToDrawing() {
  const pad = byId("drawn-pad");
  pad.addEventListener("pointerdown", (event) => { brush.down = true; pad.setPointerCapture(event.pointerId); ink(pixelUnder(event)); });
  pad.addEventListener("pointermove", (event) => { if (brush.down) ink(pixelUnder(event)); });
  for (const end of ["pointerup", "pointercancel"]) pad.addEventListener(end, () => { brush.down = false; });
  pad.addEventListener("keydown", onDrawKey);
  byId("drawn-clear").addEventListener("click", () => { brush.ink.fill(0); drawDrawing(); });
  byId("drawn-example").addEventListener("click", takeExample);
  byId("drawn-add").addEventListener("click", () => {
    state.set.points.push({ x: [...brush.ink], y: [Number(byId("drawn-class").value)], held: false });
    edited();
  });
}
