// ---- one update, gate by gate: what each computes, and what it sends back ----

/** Where we are in an update: a gate of the forward or of the backward pass, and a wire of it. */
const walk = { at: -1, wire: -1, now: null };

const trace = () => data.trace;
const nodeNamed = (name) => trace().nodes.find((one) => one.gate === "input" && one.name === name);
const traceSlots = () => Object.fromEntries(trace().nodes.filter((one) => one.gate === "input").map((one) => [one.name, one.slot]));

/** See through copies: the node whose value a node repeats. */
function seen(index) {
  while (trace().nodes[index].gate === "copy") index = trace().wires[trace().nodes[index].args[0]].from;
  return index;
}

const sourceNames = (node, links) => node.args.map((one) => trace().nodes[seen(links[one].from)].name);
const gates = () => trace().nodes.flatMap((one, i) => (one.args ? [i] : []));

/** Numbers of one example of the next batch (of a formula: of all), as the lines read them. */
function numbersOf(batch) {
  const slots = traceSlots(), v = filledIn(withParameters(slots, state.theta), slots, batch), slopes = [];
  program.trace.run(v);
  program.trace.slopes(v, slopes);
  const at = (slot, like) => (slot === null ? undefined : slot < 0 ? map(() => 0, v[like.slot]) : v[slot]);
  return {
    numbers: true, program: trace(), v, slopes, fault: null,
    value: (index) => v[trace().nodes[index].slot],
    gradientOf: (index) => at(trace().nodes[index].grad, trace().nodes[index]),
    wireGradient: (link) => at(trace().wires[link].grad, trace().nodes[trace().wires[link].from]),
  };
}

const exampleNext = () => (data.features ? rows(chosenNext().slice(0, 1)) : null);
const stillNow = () => { walk.now ??= canTrain() ? numbersOf(exampleNext()) : null; return walk.now; };

// ---- stages: forward gates, backward gates, the update ----

const stageCount = () => 2 * gates().length;
const isBack = (at) => at >= gates().length;
const gateAt = (at) => (isBack(at) ? gates().at(gates().length - 1 - at) : gates()[at]);

function forget() {
  Object.assign(walk, { at: -1, wire: -1, now: null });
}

/** A stage on; after the last one the update is made. */
function nextGate() {
  if (!canTrain()) return update();
  walk.wire = -1;
  if (walk.at + 1 < stageCount()) { walk.at++; return true; }
  forget();
  return update();
}

/** To the end of the forward pass, then of the backward pass, then the update. */
function nextPass() {
  if (!canTrain()) return update();
  const half = gates().length, end = walk.at < half - 1 ? half - 1 : stageCount() - 1;
  if (walk.at === stageCount() - 1) return nextGate();
  Object.assign(walk, { at: end, wire: -1 });
  return true;
}

/** The wires of a gate: of a product with a matrix of weights every weight, else its arguments. */
function wiresOf(index) {
  const node = trace().nodes[index];
  const name = node.gate === "matmul" ? sourceNames(node, trace().wires)[1] : "";
  const shape = data.parameters[positions[name]]?.shape;
  if (data.layers.length && shape) {
    return Array.from({ length: product(shape) }, (_, n) => ({ weight: name, k: (n % shape[0]) * shape[1] + Math.floor(n / shape[0]) }));
  }
  return node.args.map((link) => ({ link }));
}

function nextWire() {
  if (!canTrain()) return update();
  const found = walk.at < 0 ? [] : wiresOf(gateAt(walk.at));
  if (walk.at >= 0 && walk.wire + 1 < found.length) { walk.wire++; return true; }
  const done = nextGate();
  if (walk.at >= 0) walk.wire = 0;
  return done;
}

// ---- lines ----

function lineElement(line) {
  const made = document.createElement("p");
  for (const piece of line) {
    if (typeof piece === "string") { made.append(piece); continue; }
    const part = document.createElement("span");
    [part.className, part.textContent] = piece;
    made.append(part);
  }
  return made;
}

/** The element of a product of x and W: a term of the sum, or of the chain rule, in numbers. */
function weightLine({ weight: name, k }, back) {
  const now = stillNow(), { shape } = data.parameters[positions[name]];
  const link = trace().wires.find((one) => trace().nodes[one.from].name === name && trace().nodes[one.to].gate === "matmul");
  const node = trace().nodes[link.to], [i, j] = [Math.floor(k / shape[1]), k % shape[1]];
  const left = seen(trace().wires[node.args[0]].from), x = dataOf(now.value(left)), W = numberAt(state.theta, name, k);
  const from = trace().nodes[left].name, text = LINES.short;
  if (back) {
    const dz = dataOf(now.gradientOf(link.to))[j], by = trace().outputName;
    return [`∂${by}/∂${name}[${i}, ${j}] = ${from}[${i}] · ∂${by}/∂${node.name}[${j}] = `, ["value", text(x[i])], " × ", ["gradient", text(dz)], " = ", ["gradient", text(x[i] * dz)]];
  }
  let sum = 0;
  for (let n = 0; n <= i; n++) sum += x[n] * numberAt(state.theta, name, n * shape[1] + j);
  return [`${node.name}[${j}]: ${from}[${i}] · ${name}[${i}, ${j}] = `, ["value", `${text(x[i])} × (${text(W)})`], ` = ${text(x[i] * W)}, ${words.sum} `, ["value", text(sum)]];
}

/** The chain rule of one weight, for the example in focus. */
function weightChain(name, k) {
  const now = canTrain() && data.features ? stillNow() : null;
  const takes = now && trace().wires.some((one) => trace().nodes[one.from].name === name && trace().nodes[one.to].gate === "matmul");
  return takes ? weightLine({ weight: name, k }, true).map((piece) => (typeof piece === "string" ? piece : piece[1])).join("") : "";
}

function linesNow() {
  if (walk.at < 0) return [[words.walkStart]];
  const now = stillNow(), index = gateAt(walk.at), back = isBack(walk.at);
  const one = walk.wire >= 0 ? wiresOf(index)[walk.wire] : null;
  if (one?.weight) return [weightLine(one, back)];
  if (one && back && trace().nodes[index].gate !== "copy") return LINES.chainLines(now, one.link);
  if (one && !back) {
    const from = trace().wires[one.link].from;
    return [[`${trace().nodes[from].name} = `, ["value", LINES.told(now.value(from))], ` → ${trace().nodes[index].text ?? ""}`]];
  }
  return back ? LINES.backwardLines(now, index) : [LINES.forwardLine(now, index)];
}

/** Light the gate in focus: in a circuit its box, of neurons the wires of its weights. */
function light() {
  const index = walk.at < 0 ? -1 : gateAt(walk.at), one = walk.wire >= 0 && index >= 0 ? wiresOf(index)[walk.wire] : null;
  page.circuit?.boxes.forEach((nodes, i) => byId(`v0-n${i}`)?.classList.toggle("focus", nodes.includes(index)));
  const names = index < 0 ? [] : sourceNames(trace().nodes[index], trace().wires);
  for (const { group, name, k } of wires) {
    group.classList.toggle("lit", one?.weight ? name === one.weight && k === one.k : names.includes(name));
  }
}

function drawWalk() {
  const half = gates().length, at = walk.at;
  byId("walk-phase").textContent = at < 0 ? "" : isBack(at)
    ? say("backwardStage", { i: at - half + 1, n: half }) : say("forwardStage", { i: at + 1, n: half });
  byId("walk-lines").replaceChildren(...linesNow().filter((line) => line.length).map(lineElement));
  light();
}

const walkWords = () => `${byId("walk-phase").textContent} ${byId("walk-lines").textContent}`;
