// ---- the panel and the table: what the page says ----

function lineElement(line, className) {
  const p = element("p", { class: className });
  for (const piece of line) {
    p.append(Array.isArray(piece) ? element("span", { class: piece[0] }, piece[1]) : piece);
  }
  return p;
}

/** Put the panel's text together, and the short form that is read aloud. */
function explain() {
  const panel = byId("explain"), box = state.focus === null ? null : viewNow().boxes[state.focus];
  panel.replaceChildren();
  const spoken = box ? explainBox(panel, box) : explainWhole(panel);
  byId("live").textContent = spoken.filter(Boolean).join(". ");
}

function explainBox(panel, box) {
  const index = box.nodes[0], node = now.program.nodes[index];
  const isLayer = box.kind === "layer";
  const { forward, backward } = isLayer ? layerLines(now, box)
    : { forward: [forwardLine(now, index)], backward: backwardLines(now, index) };
  const title = isLayer ? box.title : node.gate === "copy" ? say("copy of {name}", { name: node.name }) : node.sign.replace("\n", " ");
  const does = isLayer ? say("a layer") : node.does;
  panel.append(element("h3", {}, element("span", { class: "sign" }, title), ` ${does}`));
  panel.append(...forward.map((line) => lineElement(line, "line")));
  const arrived = hasGradient(state.focus);
  if (arrived) {
    panel.append(...backward.map((line) =>
      lineElement(line, line[0] === LINE_WORDS.local ? "local" : "line chain")));
    if (!backward.length) panel.append(element("p", { class: "faint" }, say("No gradient passes.")));
  }
  const notes = isLayer ? [] : remarks(now, index);
  panel.append(...notes.map((text) => element("p", { class: "remark" }, text)));
  if (box.key) panel.append(toggleButton(box.key, say(isLayer ? "Open this layer" : "Open into its gates")));
  else if (box.frame) panel.append(toggleButton(box.frame, say("Close {title}", { title: viewNow().frames[box.frame] })));
  const lines = isBackward() && arrived ? backward : forward;
  return [isLayer ? say("Layer {title}", { title }) : "", ...lines.map(plain), ...notes];
}

function toggleButton(key, text) {
  const button = element("button", { type: "button", class: "toggle" }, text);
  button.addEventListener("click", () => toggle(key));
  return button;
}

function explainWhole(panel) {
  const { program } = now, n = count(), p = state.position;
  const lines = [];
  if (p === 0) lines.push([say("The inputs are known. Step on to compute gate by gate.")]);
  if (p === n + 1) {
    const one = now.numbers ? now.gradientOf(program.output) : undefined;
    const seed = one === undefined || isScalar(one) ? "1" : say("ones: the gradients are those of the sum");
    lines.push([`${by(program, program.outputName)} = `, ["gradient", seed]]);
  }
  if (p === lastPosition()) lines.push(...summary(program));
  const notes = p === lastPosition() ? faults(now) : [];
  panel.append(...lines.map((line) => lineElement(line, "line")));
  panel.append(...notes.map((text) => element("p", { class: "remark" }, text)));
  return [...lines.slice(0, 6).map(plain), ...notes];
}

/** The output's value and the gradient of every input that takes one. */
function summary(program) {
  const output = program.nodes[program.output];
  const lines = [[`${output.name} = `, now.numbers ? asValue(now.value(program.output)) : shapeText(output.shape)]];
  program.nodes.forEach((node, index) => {
    if (node.gate !== "input" || !takesGradient(node)) return;
    const symbol = node.symbol && node.symbol.length <= 44 ? node.symbol : "";
    const line = [`${by(program, node.name)} = ${symbol}`];
    if (!now.numbers) lines.push([`${by(program, node.name)}   ${shapeText(node.shape)}`]);
    else {
      const value = now.gradientOf(index);
      if (symbol && symbol !== told(value)) line.push(" = ");
      lines.push(symbol === told(value) ? line : [...line, asGradient(value)]);
    }
  });
  return lines;
}

function showRows() {
  if (!document.querySelector(".table").open) return;
  const rows = now.program.nodes.flatMap((node, index) => {
    if (node.gate === "number" || node.gate === "copy") return [];
    const value = now.numbers ? told(now.value(index)) : shapeText(node.shape);
    const gradient = node.grad === null ? "" : now.numbers ? told(now.gradientOf(index)) : "";
    return [element("tr", {},
      element("th", { scope: "row" }, node.name), element("td", {}, node.text ?? say("input")),
      element("td", { class: "value" }, value), element("td", { class: "gradient" }, gradient))];
  });
  byId("rows").replaceChildren(...rows);
}
