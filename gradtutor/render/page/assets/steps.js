// ---- where we are: the view, the step, the numbers ----

const state = { place: 0, position: 0, focus: null, wire: null, inputs: [] };
const rooms = []; // per view the labels' rooms, once it has been shown
const viewNow = () => DATA.views[state.place];
const lastPosition = () => 2 * viewNow().steps.length + 2;

/** The numbers of the present program at the present inputs. */
const now = {
  numbers: DATA.numbers,
  program: null,
  v: [],
  slopes: [],
  fault: null,
  noValue: false, // whether a circuit of plain numbers gave nan: it has no gradient
  value(index) {
    return this.numbers ? this.v[this.program.nodes[index].slot] : undefined;
  },
  at(slot, like) {
    if (!this.numbers || slot === null) return undefined;
    if (this.noValue) return map(() => NaN, this.value(like));
    return slot < 0 ? map(() => 0, this.value(like)) : this.v[slot];
  },
  gradientOf(index) {
    return this.at(this.program.nodes[index].grad, index);
  },
  wireGradient(wire) {
    return this.at(this.program.wires[wire].grad, this.program.wires[wire].from);
  },
};

function compute() {
  now.program = DATA.programs[viewNow().program];
  if (!now.numbers) return;
  now.v = [];
  now.slopes = [];
  now.program.nodes.forEach((node) => {
    if (node.gate === "input") now.v[node.slot] = state.inputs.find((one) => one.name === node.name).value;
  });
  const { run, slopes } = PROGRAMS[viewNow().program];
  run(now.v);
  now.v = withoutNoise(run, now.program, now.v);
  slopes(now.v, now.slopes);
  now.fault = firstFault();
  const plain = now.program.nodes.every((_, index) => typeof now.value(index) === "number");
  const output = now.value(now.program.output);
  now.noValue = plain && (Number.isNaN(output) || (!Number.isFinite(output) && overflowed()));
}

/** Gates whose infinity is the formula's own; any other's is a number too large. */
const POLES = ["div", "log", "log1p", "pow"]; // as evaluate/trace.py has them

const overflowed = () => now.fault !== null && !POLES.includes(now.program.nodes[now.fault].gate);

const isFinite_ = (value) => dataOf(value).every(Number.isFinite);

/** The first gate that makes nan or infinity out of finite arguments. */
function firstFault() {
  const { nodes, wires } = now.program;
  const found = nodes.findIndex((node, index) => node.args && node.gate !== "copy"
    && !isFinite_(now.value(index))
    && node.args.every((wire) => isFinite_(now.value(wires[wire].from))));
  return found < 0 ? null : found;
}

// ---- what a step shows ----

const count = () => viewNow().steps.length;
const turns = new Map(DATA.views.map((view) => [view, new Map(view.steps.map((box, i) => [box, i]))]));
const stepOf = (box) => turns.get(viewNow()).get(box) ?? -1;
const isBackward = () => state.position > count();

/** Whether a box's value is known by now; inputs always are. */
const hasValue = (box) => stepOf(box) < state.position;

/** Whether the gradient has come down a wire into this box (the output: null). */
function hasGradient(box) {
  const step = stepOf(box);
  const comes = step < 0 ? count() + 1 : 2 * count() + 1 - step;
  return state.position >= comes;
}

/** The box that a position puts in focus. */
function boxAt(position) {
  const steps = viewNow().steps;
  if (position >= 1 && position <= count()) return steps[position - 1];
  const back = 2 * count() + 1 - position;
  return back >= 0 && back < count() ? steps[back] : null;
}

function goTo(position) {
  state.position = Math.min(lastPosition(), Math.max(0, position));
  state.focus = boxAt(state.position);
  state.wire = null;
  show();
  const box = state.focus === null ? null : boxOf(state.place, state.focus);
  if (box) bringIntoView(box);
  else figureTo(state.position === 0 ? "start" : "end");
  if (byId("figure").contains(document.activeElement)) (box ?? firstBox()).focus({ preventScroll: true });
}

/** Scroll the figure to where the passes begin and end: along to that side, across to its gate. */
function figureTo(side) {
  const figure = byId("figure"), down = DATA.direction === "TB", first = side === "start";
  const steps = viewNow().steps, box = boxOf(state.place, (first ? steps[0] : steps.at(-1)) ?? 0);
  const outer = figure.getBoundingClientRect(), inner = box.getBoundingClientRect();
  const middle = {
    left: figure.scrollLeft + inner.x + inner.width / 2 - outer.x - outer.width / 2,
    top: figure.scrollTop + inner.y + inner.height / 2 - outer.y - outer.height / 2,
  };
  figure.scrollTo(down ? { ...middle, top: first ? 0 : figure.scrollHeight }
    : { ...middle, left: first ? 0 : figure.scrollWidth });
}

const firstBox = () => boxOf(state.place, viewNow().steps[0] ?? 0);

/** Put a gate in focus without moving in time, when its numbers are there. */
function focusBox(box) {
  const step = stepOf(box);
  if (step < 0) return;
  if (!hasValue(box)) {
    goTo(step + 1);
    return;
  }
  state.focus = box;
  state.wire = null;
  show();
}

// ---- writing it ----

function show() {
  const view = viewNow();
  view.wires.forEach((wire, i) => showWire(view, wire, i));
  view.boxes.forEach((box, i) => showBox(box, i));
  light(state.place, view, state.wire === null ? new Set() : pathToOutput(view, state.wire));
  showPhase();
  explain();
  showRows();
  showGradients();
}

function nodeOfWire([wire]) {
  return wire === null ? now.program.output : now.program.wires[wire].from;
}

function gradientOfWire([wire]) {
  return wire === null ? now.gradientOf(now.program.output) : now.wireGradient(wire);
}

function showWire(view, wire, i) {
  const [index, source, target] = wire, node = now.program.nodes[nodeOfWire(wire)];
  const label = labelOf(state.place, i);
  const carrier = index === null ? node : now.program.wires[index];
  const flows = carrier.grad !== null, hasBack = flows && hasGradient(index === null ? null : target);
  const value = hasValue(source) ? now.value(nodeOfWire(wire)) : undefined;
  const gradient = hasBack ? gradientOfWire(wire) : undefined;
  const above = hasValue(source) ? rowsFor(node.args ? node.name : "", node.shape, value, true) : [];
  const below = hasBack ? rowsFor("", node.shape, gradient, false) : [];
  writeLabel(rooms[state.place][i], above, below);
  const back = flows ? told(gradient) || say("not yet known") : say("none");
  const { name } = node, known = told(value) || say("not yet known");
  const said = now.numbers ? say("Wire of {name}: value {value}, gradient {gradient}", { name, value: known, gradient: back })
    : say("Wire of {name}: {shape}", { name, shape: shapeText(node.shape) });
  label.setAttribute("aria-label", said);
  label.classList.toggle("here", state.wire === i);
  remember(label, "value", value);
  remember(label, "gradient", gradient);
}

/** Keep the exact numbers of small values on the element. */
function remember(element, key, value) {
  if (value === undefined || (!isScalar(value) && value.data.length > 64)) delete element.dataset[key];
  else element.dataset[key] = isScalar(value) ? String(value) : [...value.data].join(" ");
}

function showBox(box, i) {
  const element = boxOf(state.place, i);
  element.classList.toggle("focus", state.focus === i);
  element.classList.toggle("fault", now.fault !== null && box.nodes.includes(now.fault) && hasValue(i));
  element.classList.toggle("waiting", stepOf(i) >= 0 && !hasValue(i));
  element.setAttribute("aria-label", boxSaid(box, i));
  if (stepOf(i) < 0) return;
  element.setAttribute("tabindex", i === (state.focus ?? viewNow().steps[0]) ? "0" : "-1");
  if (state.focus === i) element.setAttribute("aria-current", "step");
  else element.removeAttribute("aria-current");
}

function boxSaid(box, i) {
  if (box.kind === "output") return say("Output {name}", { name: box.title });
  const node = now.program.nodes[box.nodes[0]];
  if (box.kind === "input") {
    const value = DATA.numbers ? ` = ${told(now.value(box.nodes[0]))}` : ` ${shapeText(node.shape)}`;
    return say("Input {name}", { name: `${node.name}${value}` });
  }
  if (box.kind === "number") return say("Number {name}", { name: node.name });
  const where = say(", step {i} of {n}", { i: stepOf(i) + 1, n: count() });
  const opens = box.key ? say(", Enter opens it") : "";
  if (box.kind === "layer") return say("Layer {title}", { title: `${box.title}${where}${opens}` });
  if (box.kind === "copy") return say("Copy of {name}", { name: `${node.name}${where}` });
  return `${node.name} = ${node.text}${where}${opens}`;
}

function showPhase() {
  const n = count(), p = state.position;
  const words = p === 0 ? say("start: the inputs are known")
    : p <= n ? say("forward, step {i} of {n}", { i: p, n })
      : p === n + 1 ? say("the gradient starts at the output")
        : p < lastPosition() ? say("backward, step {i} of {n}", { i: p - n - 1, n }) : say("all steps done");
  byId("phase").textContent = words;
  byId("first").disabled = byId("back").disabled = p === 0;
  byId("last").disabled = byId("next").disabled = p === lastPosition();
}
