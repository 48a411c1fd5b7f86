// ---- what happens in the layers: gradients' sizes, neurons that are dead, two layers as one ----

const weightNames = () => data.parameters.filter((one) => one.shape.length === 2).map((one) => one.name);
const rootMeanSquare = (numbers) => Math.sqrt(numbers.reduce((sum, x) => sum + x * x, 0) / numbers.length);

/** A bar for each layer: how large its weights' gradients are, in powers of ten. */
function drawGradientSizes() {
  const names = weightNames(), panel = byId("layers-panel");
  panel.hidden = !data.features || names.length < 2;
  if (panel.hidden) return;
  const found = names.map((name) => rootMeanSquare(partOf(state.gradient, positions[name])));
  byId("layer-bars").replaceChildren(...names.map((name, i) => bar(name, found[i])));
}

/** From 10⁻⁸, an empty bar, to 1. */
function bar(name, size) {
  const line = document.createElement("div"), title = document.createElement("span"), meter = document.createElement("meter");
  title.textContent = `${name}: ${short(size)}`;
  Object.assign(meter, { min: -8, max: 0, value: size ? Math.log10(size) : -8 });
  meter.setAttribute("aria-hidden", "true");
  line.append(title, meter);
  return line;
}

/** The answers of each hidden layer for all points: [examples][neurons], flat, by layer. */
function hiddenAnswers() {
  const v = filledIn(withParameters(traceSlots(), state.theta), traceSlots(), allRows());
  program.trace.run(v);
  const { nodes, wires: links } = data.trace;
  return data.layers.slice(1).map(({ weight: name }) => {
    const product_ = nodes.find((one) => one.gate === "matmul" && sourceNames(one, links).includes(name));
    return dataOf(v[nodes[seen(links[product_.args[0]].from)].slot]);
  });
}

/** Dash the neurons that answer 0 to every point: no gradient comes through them. */
function drawDead() {
  const on = data.layers.length > 1 && data.activation === "relu" && canTrain();
  let dead = 0, all = 0;
  const found = on ? hiddenAnswers() : [];
  byId("neurons").querySelectorAll(".neuron").forEach((circle) => {
    const [c, i] = circle.dataset.neuron.split(" ").map(Number), answers_ = found[c - 1];
    if (!answers_) return void circle.classList.remove("dead");
    const width = data.parameters[positions[data.layers[c - 1].weight]].shape[1];
    const isDead = answers_.every((x, k) => k % width !== i || x === 0);
    circle.classList.toggle("dead", isDead);
    [dead, all] = [dead + isDead, all + 1];
  });
  byId("dead").textContent = dead ? say("dead", { dead, all }) : "";
}

/** Without activations all layers are one: the product of their matrices, and its bias. */
function drawProduct() {
  const on = data.layers.length > 1 && data.activation === "identity";
  byId("product").hidden = !on;
  if (!on) return;
  const shapeOf_ = (name) => data.parameters[positions[name]].shape;
  const tensorOf = (name) => ({ shape: shapeOf_(name), data: partOf(state.theta, positions[name]) });
  let [whole, shift] = [tensorOf(data.layers[0].weight), null];
  data.layers.forEach(({ weight: name, bias }, c) => {
    if (c) whole = tensor.matmul(whole, tensorOf(name), {});
    if (c && shift) shift = tensor.matmul(shift, tensorOf(name), {});
    const own = bias ? { shape: [1, shapeOf_(name)[1]], data: partOf(state.theta, positions[bias]) } : null;
    shift = shift && own ? map((a, b) => a + b, shift, own) : own ?? shift;
  });
  const names = data.layers.map((one) => one.weight).join(" @ ");
  byId("product").textContent = `${names} = ${LINES.told(whole)}${shift ? `, b = ${LINES.told(shift)}` : ""}`;
}

function drawLayers() {
  drawGradientSizes();
  drawDead();
  drawProduct();
}
