// ---- a formula's circuit: value above and gradient below every wire ----

const labels = [];

/** Turn a label's placeholder into a wire with two texts. */
function prepareLabel(i) {
  const label = byId(`v0-w${i}`), frame = label.querySelector("polygon"), box = frame.getBBox();
  const x = box.x + box.width / 2, y = box.y + box.height / 2;
  frame.classList.add("room");
  label.append(element("line", { class: "through", x1: box.x - 2, x2: box.x + box.width + 2, y1: y, y2: y }));
  return [["value", y - 5], ["gradient", y + 15]].map(([kind, at]) => {
    const group = element("g", { class: kind }), text = element("text", { x, y: at, "text-anchor": "middle" });
    group.append(text);
    label.append(group);
    return text;
  });
}

function buildCircuit() {
  page.circuit?.wires.forEach((_, i) => labels.push(prepareLabel(i)));
}

const wireText = (x) => {
  if (x === undefined) return "";
  return typeof x === "number" ? toDigits(x, page.digits) : `(${x.shape.join(", ")})`;
};

const toDigits = (x, digits) => ((x !== 0 && Math.abs(x) < 0.5 * 10 ** -digits) || Math.abs(x) >= 1e5 ? short(x) : x.toFixed(digits));

function drawCircuit() {
  const { v } = stillNow();
  page.circuit.wires.forEach(([value, gradient], i) => {
    labels[i][0].textContent = wireText(v[value]);
    labels[i][1].textContent = gradient === null ? "" : wireText(gradient < 0 ? 0 : v[gradient]);
  });
}
