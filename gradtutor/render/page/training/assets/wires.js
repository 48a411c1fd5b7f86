// ---- the weights: neurons with a wire for each, or matrices of colours; a table ----

const positions = Object.fromEntries(data.parameters.map((one, i) => [one.name, i]));
const wires = [];

const numberAt = (flat, name, k) => flat[offsets[positions[name]] + k];
const fixed = (x) => (Math.abs(x) >= 1000 || (x !== 0 && Math.abs(x) < 0.005) ? short(x) : x.toFixed(2)).replace("-", "−");

/** All that is known of one weight: its value, gradient, and what the optimiser keeps. */
function weightWords(name, k) {
  const { shape } = data.parameters[positions[name]];
  const index = shape.length === 2 ? `[${Math.floor(k / shape[1])}, ${k % shape[1]}]` : shape.length ? `[${k}]` : "";
  const kept = Object.entries(state.kept).map(([key, flat]) => `${key} = ${short(numberAt(flat, name, k))}`);
  const slopeText = `${words.gradient} = ${short(numberAt(state.gradient, name, k))}`;
  return [`${name}${index} = ${numberAt(state.theta, name, k).toPrecision(5)}`, slopeText, ...kept].join(", ");
}

/** Blue for positive and orange for negative, the wider the larger. */
function strokeOf(x) {
  return { class: x < 0 ? "negative" : "positive", "stroke-width": Math.min(0.4 + 2.6 * Math.abs(x), 9) };
}

const PITCH = 44, GAP = 150;

function neuronLayout() {
  const counts = data.layers.map((one) => data.parameters[positions[one.weight]].shape);
  const columns = [counts[0][0], ...counts.map((one) => one[1])];
  const tall = Math.max(...columns) * PITCH;
  const at = (c, i) => [40 + c * GAP, tall / 2 + (i - (columns[c] - 1) / 2) * PITCH + 10];
  return { columns, tall, at };
}

/** One weight; its number stands where the wires are far apart, a share of the way along. */
function wire(from, to, name, k, share) {
  const group = element("g", { class: "weight", "data-name": name, "data-k": k });
  const path = element("path", { d: `M${from}L${to}` });
  group.append(element("path", { d: `M${from}L${to}`, class: "hit" }), path);
  let label = null;
  if (share) {
    const [x, y] = [from[0] + share * (to[0] - from[0]), from[1] + share * (to[1] - from[1])];
    label = element("text", { x, y: y - 6, "text-anchor": "middle" });
    group.append(label);
  }
  wires.push({ path, label, name, k });
  return group;
}

function buildNeurons() {
  const svg = byId("neurons"), { columns, tall, at } = neuronLayout();
  const share = (c) => (columns[c] * columns[c + 1] > 12 ? 0 : columns[c] < columns[c + 1] ? 0.64 : 0.36);
  svg.setAttribute("viewBox", `0 0 ${80 + GAP * (columns.length - 1)} ${tall + 20}`);
  data.layers.forEach(({ weight }, c) => {
    for (let i = 0; i < columns[c]; i++) {
      for (let j = 0; j < columns[c + 1]; j++) svg.append(wire(at(c, i), at(c + 1, j), weight, i * columns[c + 1] + j, share(c)));
    }
  });
  columns.forEach((count, c) => {
    for (let i = 0; i < count; i++) svg.append(neuron(at(c, i), c, i));
  });
}

function neuron([x, y], c, i) {
  const bias = c ? data.layers[c - 1].bias : null;
  const group = element("g", bias ? { class: "weight", "data-name": bias, "data-k": i } : {});
  group.append(element("circle", { cx: x, cy: y, r: 18, class: "neuron" }));
  const label = element("text", { x, y: y + 4, "text-anchor": "middle" }, bias ? "" : c ? "" : `x${"₁₂₃₄₅₆₇₈₉"[i] ?? ""}`);
  group.append(label);
  if (bias) wires.push({ path: null, label, name: bias, k: i });
  return group;
}

function drawNeurons() {
  for (const { path, label, name, k } of wires) {
    const x = numberAt(state.theta, name, k);
    if (path) for (const [key, value] of Object.entries(strokeOf(x))) path.setAttribute(key, value);
    if (label) label.textContent = fixed(x);
  }
}

// ---- matrices ----

function buildMatrices() {
  const room = byId("matrices");
  data.parameters.forEach((one) => {
    const figure = document.createElement("figure"), title = document.createElement("figcaption");
    title.textContent = `${one.name} (${one.shape.join(", ")})`;
    const canvas = document.createElement("canvas");
    canvas.dataset.name = one.name;
    [canvas.width, canvas.height] = [one.shape.at(-1) ?? 1, product(one.shape.slice(0, -1))];
    figure.append(title, canvas);
    room.append(figure);
  });
}

function drawMatrices() {
  for (const canvas of byId("matrices").querySelectorAll("canvas")) {
    const i = positions[canvas.dataset.name], flat = state.theta.subarray(offsets[i], offsets[i] + sizes[i]);
    const most = flat.reduce((a, b) => Math.max(a, Math.abs(b)), 1e-9);
    const image = new ImageData(canvas.width, canvas.height);
    flat.forEach((x, k) => {
      const [red, green, blue] = x < 0 ? COLOURS[5] : COLOURS[0];
      [image.data[4 * k], image.data[4 * k + 1], image.data[4 * k + 2]] = [red, green, blue];
      image.data[4 * k + 3] = (255 * Math.abs(x)) / most;
    });
    canvas.getContext("2d").putImageData(image, 0, 0);
  }
}

function drawWires() {
  if (data.layers.length) drawNeurons();
  else if (data.circuit) drawCircuit();
  else drawMatrices();
}

// ---- the table ----

const MOST_ROWS = 400;

function drawTable() {
  if (!byId("numbers").open) return;
  const kept = Object.keys(state.kept), head = ["", words.value, words.gradient, ...kept];
  byId("numbers-head").replaceChildren(row(head, "th"));
  const body = data.parameters.flatMap((one, i) => Array.from({ length: sizes[i] }, (_, k) => [one.name, k]));
  byId("numbers-rows").replaceChildren(...body.slice(0, MOST_ROWS).map(([name, k]) => row([
    weightWords(name, k).split(" = ")[0], ...[state.theta, state.gradient, ...kept.map((key) => state.kept[key])]
      .map((flat) => numberAt(flat, name, k).toPrecision(6)),
  ], "td")));
  const whole = Object.fromEntries(data.parameters.map((one, i) => [one.name, [...state.theta.subarray(offsets[i], offsets[i] + sizes[i])]]));
  byId("json").textContent = JSON.stringify({ update: state.update, loss: lossNow(), ...whole });
}

function row(texts, kind) {
  const made = document.createElement("tr");
  for (const text of texts) {
    const cell = document.createElement(kind);
    cell.textContent = text;
    made.append(cell);
  }
  return made;
}

function listenToWires() {
  const show = (event) => {
    const one = event.target.closest?.(".weight");
    byId("weight").textContent = one ? weightWords(one.dataset.name, Number(one.dataset.k)) : words.hover;
  };
  byId("weight").textContent = words.hover;
  byId("neurons")?.addEventListener("pointerover", show);
  byId("numbers").addEventListener("toggle", drawTable);
}
