// ---- the weights as wires between neurons: value, gradient, what the optimiser keeps ----

let wires = [];

const numberAt = (flat, name, k) => flat[offsets[positions[name]] + k];
const fixed = (x) => (Math.abs(x) >= 1000 || (x !== 0 && Math.abs(x) < 0.005) ? short(x) : x.toFixed(2)).replace("-", "−");

/** What the pictures show of every parameter: the value, the gradient, m, v, ... */
function shownFlat() {
  const chosen = byId("shown-part").value;
  return chosen === "theta" ? state.theta : chosen === "gradient" ? state.gradient : state.kept[chosen] ?? state.theta;
}

/** Offer what there is to see on the wires with this optimiser. */
function offerParts() {
  const field = byId("shown-part"), before = field.value;
  const named = [["theta", words.value], ["gradient", words.gradient], ...Object.keys(state.kept).map((name) => [name, name])];
  field.replaceChildren(...named.map(([value, text]) => new Option(text, value)));
  field.value = named.some(([value]) => value === before) ? before : "theta";
}

function indexText(name, k) {
  const { shape } = data.parameters[positions[name]];
  return shape.length === 2 ? `[${Math.floor(k / shape[1])}, ${k % shape[1]}]` : shape.length ? `[${k}]` : "";
}

/** All that is known of one weight: its value, gradient, and what the optimiser keeps. */
function weightWords(name, k) {
  const kept = Object.entries(state.kept).map(([key, flat]) => `${key} = ${short(numberAt(flat, name, k))}`);
  const slopeText = `${words.gradient} = ${short(numberAt(state.gradient, name, k))}`;
  return [`${name}${indexText(name, k)} = ${numberAt(state.theta, name, k).toPrecision(5)}`, slopeText, ...kept].join(", ");
}

/** Blue for positive and orange for negative, the wider the larger; of small numbers by the largest. */
function strokeOf(x, most) {
  const size = most ? 3 * Math.abs(x) / most : Math.abs(x);
  return { class: x < 0 ? "negative" : "positive", "stroke-width": Math.min(0.4 + 2.6 * size, 9) };
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
  wires.push({ group, path, label, name, k });
  return group;
}

function buildNeurons() {
  const svg = byId("neurons");
  wires = [];
  svg.replaceChildren();
  byId("neurons-panel").hidden = !data.layers.length;
  if (!data.layers.length) return;
  const { columns, tall, at } = neuronLayout();
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
  group.append(element("circle", { cx: x, cy: y, r: 18, class: "neuron", "data-neuron": `${c} ${i}` }));
  const label = element("text", { x, y: y + 4, "text-anchor": "middle" }, bias ? "" : c ? "" : `x${"₁₂₃₄₅₆₇₈₉"[i] ?? ""}`);
  group.append(label);
  if (bias) wires.push({ group, path: null, label, name: bias, k: i });
  return group;
}

function drawNeurons() {
  const flat = shownFlat(), most = flat === state.theta ? 0 : flat.reduce((a, b) => Math.max(a, Math.abs(b)), 1e-300);
  for (const { path, label, name, k } of wires) {
    const x = numberAt(flat, name, k);
    if (path) for (const [key, value] of Object.entries(strokeOf(x, most))) path.setAttribute(key, value);
    if (label) label.textContent = fixed(x);
  }
}

function drawWires() {
  if (data.layers.length) drawNeurons();
  if (page.circuit) drawCircuit();
  else if (!data.layers.length) drawMatrices();
  if (weight.chosen) showWeight(weight.chosen);
}

// ---- pointing at a wire, or going from one to the next by keys ----

const weight = { chosen: null };

function showWeight(one) {
  weight.chosen = one;
  byId("weight").textContent = one ? weightWords(one.name, one.k) : words.hover;
  byId("weight-chain").textContent = one ? weightChain(one.name, one.k) : "";
  for (const { group, name, k } of wires) group.classList.toggle("chosen", Boolean(one) && name === one.name && k === one.k);
}

function onWireKey(event) {
  const way = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (!way || !wires.length) return;
  const at = weight.chosen ? wires.findIndex(({ name, k }) => name === weight.chosen.name && k === weight.chosen.k) : -1;
  const { name, k } = wires[(at + way + wires.length) % wires.length];
  showWeight({ name, k });
  tell(byId("weight").textContent);
  event.preventDefault();
}

function listenToWires() {
  const take = ({ dataset }) => showWeight({ name: dataset.name, k: Number(dataset.k) });
  byId("neurons").addEventListener("pointerover", (event) => {
    const one = event.target.closest?.(".weight");
    if (one) take(one);
  });
  byId("neurons").addEventListener("keydown", onWireKey);
  byId("shown-part").addEventListener("change", drawAll);
  byId("numbers").addEventListener("toggle", drawTable);
}
