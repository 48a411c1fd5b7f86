// ---- what each example of the batch wishes for the last layer, and the average ----

const MOST_COLUMNS = 5;

/** Upstream of the last layer's output and weights, with the sign of a wish: −∂loss/∂z, −∂loss/∂W. */
function wishesOf(chosen) {
  const now = numbersOf(rows(chosen)), { nodes, wires: links } = trace();
  const last = nodes.findIndex((one) => one.gate === "matmul" && sourceNames(one, links)[1] === data.last.weight);
  const [count, width] = [chosen.length, data.parameters[positions[data.last.weight]].shape[1]];
  const dz = dataOf(now.gradientOf(last)), outputs = new Float64Array(width);
  dz.forEach((x, k) => { outputs[k % width] -= x; });
  const dW = dataOf(now.gradientOf(nodes.indexOf(nodeNamed(data.last.weight))));
  return { outputs, weights: Float64Array.from(dW, (x) => -x), width, count };
}

const cell = (kind, text, name = "") => {
  const made = document.createElement(kind);
  made.textContent = text;
  if (name) made.className = name;
  return made;
};

/** The head of a column: the image itself, or which point it is. */
function headOf(i) {
  const one = state.set.points[i], made = cell("th", "");
  made.scope = "col";
  if (data.image.length) {
    const canvas = document.createElement("canvas");
    canvas.className = "thumb";
    paintImage(canvas, Float64Array.from(one.x), imageSide());
    made.append(canvas);
  } else made.append(`(${one.x.map(short).join(", ")})`);
  made.append(document.createElement("br"), String(one.y[0]));
  return made;
}

function wishCell(x) {
  if (Math.abs(x) < 0.005) return cell("td", "0.00", "faint");
  return cell("td", `${x > 0 ? "▲" : "▼"} ${x.toFixed(2).replace("-", "−")}`, x > 0 ? "up" : "down");
}

function drawWishes() {
  const panel = byId("wishes-panel");
  panel.hidden = !data.classes || !data.last;
  if (panel.hidden || !panel.querySelector("details").open || !canTrain()) return;
  const batch = chosenNext(), shown = batch.slice(0, MOST_COLUMNS);
  const columns = [...shown.map((i) => wishesOf([i])), wishesOf(batch)];
  const head = document.createElement("tr");
  head.append(cell("th", ""), ...shown.map(headOf), cell("th", say("average", { n: batch.length })));
  const body = Array.from({ length: columns[0].width }, (_, k) => {
    const made = document.createElement("tr"), title = cell("th", columns[0].width > 1 ? String(k) : words.answer);
    title.scope = "row";
    made.append(title, ...columns.map((one) => wishCell(one.outputs[k])));
    return made;
  });
  byId("wishes").replaceChildren(head, ...body, weightWishes(columns));
}

/** The wishes for the last layer's weights, as matrices of colours. */
function weightWishes(columns) {
  const made = document.createElement("tr"), title = cell("th", data.last.weight);
  title.scope = "row";
  made.append(title, ...columns.map((one) => {
    const canvas = document.createElement("canvas"), room = cell("td", "");
    paintNumbers(canvas, one.weights, one.width, farthest(one.weights));
    canvas.className = "wish";
    room.append(canvas);
    return room;
  }));
  return made;
}
