// ---- the lines of a gate: what it computes, and the chain rule ----

/** The words of the lines; a page in another language brings its own. */
const LINE_WORDS = DATA.lineWords ?? {
  used: ", used {n} times", use: "use {i}", useOf: "use {i} of {n}", useOfName: "use {i} of {name}",
  via: " via {name}", local: "local derivative: ",
};
const lineWords = (key, blanks) =>
  Object.entries(blanks).reduce((text, [name, value]) => text.replace(`{${name}}`, value), LINE_WORDS[key]);

/** A line is a list of pieces: text, or [class, text]. */
const asValue = (value) => ["value", told(value)];
const asGradient = (value) => ["gradient", told(value)];
const plain = (line) => line.map((piece) => (Array.isArray(piece) ? piece[1] : piece)).join("");
const by = (program, name) => `∂${program.outputName}/∂${name}`;

/** A factor after another: a negative one in brackets. */
function factor(value) {
  return value < 0 || Object.is(value, -0) ? ["(", asValue(value), ")"] : [asValue(value)];
}

/** The numbers put in the place of a gate's arguments: "3 × (-4)". */
function withNumbers(now, node) {
  const line = [];
  node.parts.forEach((part, k) => {
    if (typeof part === "string") {
      line.push(part);
      return;
    }
    const value = now.value(now.program.wires[node.args[part]].from);
    const before = node.parts[k - 1] ?? "", after = node.parts[k + 1] ?? "";
    const free = before === "" || before.endsWith("(") || before.endsWith(", ");
    const bare = value >= 0 || !isScalar(value) || (free && !after.startsWith("^"));
    line.push(...(bare ? [asValue(value)] : ["(", asValue(value), ")"]));
  });
  return line;
}

const isScalarGate = (now, node) =>
  [node, ...node.args.map((wire) => now.program.nodes[now.program.wires[wire].from])]
    .every((one) => one.shape.length === 0);

/** q = x + y = -2 + 5 = 3 */
function forwardLine(now, index) {
  const { program } = now, node = program.nodes[index];
  if (node.gate === "copy") {
    const value = now.numbers ? [" = ", asValue(now.value(index))] : [];
    return [node.name, ...value, lineWords("used", { n: node.outs.length })];
  }
  const line = [`${node.name} = ${node.text}`];
  if (!now.numbers) return [...line, `   ${shapeText(node.shape)}`];
  if (isScalarGate(now, node)) line.push(" = ", ...withNumbers(now, node));
  return [...line, " = ", asValue(now.value(index))];
}

/** Whether a gate's derivative by one wire is less than that by what the wire carries:
 * the gate reads it twice, or is the output, whose ∂f/∂x means all uses together. */
function isOneOfMore(program, wire) {
  const target = program.nodes[wire.to];
  const same = target.args.filter((other) => program.wires[other].from === wire.from);
  return wire.use[1] > 1 && (same.length > 1 || target.name === program.outputName);
}

/** ∂f/∂x = ∂f/∂q · ∂q/∂x = -4 × 1 = -4, with the local derivative. */
function chainLines(now, wireIndex) {
  const { program } = now, wire = program.wires[wireIndex];
  if (wire.grad === null) return [];
  const source = program.nodes[wire.from], target = program.nodes[wire.to];
  const [use, uses] = wire.use;
  const name = by(program, source.name) + (uses > 1 ? lineWords("via", { name: target.name }) : "");
  const where = uses > 1 ? [["faint", `   ${lineWords("useOf", { i: use, n: uses })}`]] : [];
  if (wire.slope === undefined) {
    const formula = wire.formula ?? "0";
    return [[`${name} = ${formula}`, ...result(now, wireIndex, formula), ...where]];
  }
  const by_ = isOneOfMore(program, wire) ? `(${lineWords("useOfName", { i: use, name: source.name })})` : source.name;
  const local = `∂${target.name}/∂${by_}`;
  const chain = [`${name} = ${by(program, target.name)} · ${local}`];
  if (!now.numbers) return [[...chain, ...where], [LINE_WORDS.local, `${local} = ${wire.local}`]];
  const slope = now.slopes[wire.slope];
  chain.push(" = ", asGradient(now.gradientOf(wire.to)), " × ", ...factor(slope), " = ");
  chain.push(asGradient(now.wireGradient(wireIndex)), ...where);
  const told_ = short(slope) === wire.local ? [] : [" = ", asValue(slope)];
  return [chain, [LINE_WORDS.local, `${local} = ${wire.local}`, ...told_]];
}

/** What a formula comes to: its numbers, or its shape. */
function result(now, wireIndex, formula) {
  const source = now.program.nodes[now.program.wires[wireIndex].from];
  if (!now.numbers) return [`   ${shapeText(source.shape)}`];
  const value = now.wireGradient(wireIndex);
  if (formula === told(value)) return [];
  return [formula ? " = " : "", asGradient(value)];
}

/** At a fork the gradients of all uses add up. */
function copyLine(now, index) {
  const { program } = now, node = program.nodes[index];
  if (node.grad === null) return [];
  const line = [`${by(program, node.name)} = `];
  node.outs.forEach((wire, k) => {
    if (k) line.push(" + ");
    const value = now.numbers ? now.wireGradient(wire) : undefined;
    if (!now.numbers) line.push(lineWords("use", { i: k + 1 }));
    else if (!isScalar(value)) line.push(["gradient", lineWords("use", { i: k + 1 })]);
    else line.push(...(k && value < 0 ? ["(", asGradient(value), ")"] : [asGradient(value)]));
  });
  return [now.numbers ? [...line, " = ", asGradient(now.gradientOf(index))] : line];
}

function backwardLines(now, index) {
  const node = now.program.nodes[index];
  if (node.gate === "copy") return copyLine(now, index);
  return node.args.flatMap((wire) => chainLines(now, wire));
}

/** What is particular about a gate at this point: a tie, or the first nan. */
function remarks(now, index) {
  const node = now.program.nodes[index];
  if (!now.numbers) return [];
  const found = [];
  if (node.tie !== null && node.tie !== undefined && now.slopes[node.tie] === 1) {
    found.push(say("This is the kink, where the slope jumps: the rule “{rule}” decides.", { rule: DATA.ties }));
  }
  if (now.fault === index) {
    const what = node.domain ? `: ${node.domain}` : "";
    found.push(say("The first gate that makes {value} from finite numbers{why}.", { value: told(now.value(index)), why: what }));
  }
  return found;
}

/** The same about the whole circuit. */
const faults = (now) => (now.fault === null ? [] : remarks(now, now.fault)
  .map((text) => `${now.program.nodes[now.fault].name}: ${text}`));

/** A network's layer, folded: what goes in and out, and the parameters' gradients. */
function layerLines(now, box) {
  const { program } = now, inside = new Set(box.nodes);
  const gates = box.nodes.filter((index) => program.nodes[index].args);
  const forward = gates.filter((index) => program.nodes[index].gate !== "copy")
    .map((index) => forwardLine(now, index));
  const leaves = (index) => program.nodes[index].gate === "input" || !inside.has(index);
  const backward = gates.flatMap((index) => program.nodes[index].args)
    .filter((wire) => leaves(program.wires[wire].from) || shown(program, wire, inside))
    .flatMap((wire) => chainLines(now, wire));
  return { forward, backward };
}

/** Copies at a layer's edge stand for what they copy. */
function shown(program, wire, inside) {
  const source = program.nodes[program.wires[wire].from];
  return source.gate === "copy" && source.args.some((one) => !inside.has(program.wires[one].from));
}
