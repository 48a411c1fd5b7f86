// ---- the weights as matrices of colours ----

function buildMatrices() {
  const wide = !data.layers.length && !page.circuit;
  byId("matrices-panel").hidden = !wide;
  byId("matrices").replaceChildren(...(wide ? data.parameters.map(matrixFigure) : []));
}

function matrixFigure(one) {
  const figure = document.createElement("figure"), title = document.createElement("figcaption");
  title.textContent = `${one.name} (${one.shape.join(", ")})`;
  const canvas = document.createElement("canvas");
  canvas.dataset.name = one.name;
  canvas.addEventListener("pointermove", (event) => onMatrix(event, canvas));
  figure.append(title, canvas);
  return figure;
}

function onMatrix(event, canvas) {
  const { shape } = data.parameters[positions[canvas.dataset.name]];
  const [rows_, columns] = [product(shape.slice(0, -1)), shape.at(-1) ?? 1];
  const at = (share, count) => Math.min(count - 1, Math.max(0, Math.floor(share * count)));
  const k = at(event.offsetY / canvas.clientHeight, rows_) * columns + at(event.offsetX / canvas.clientWidth, columns);
  showWeight({ name: canvas.dataset.name, k });
}

/** Paint numbers row by row: blue positive, orange negative, the fuller the larger. */
function paintNumbers(canvas, numbers, columns, most) {
  [canvas.width, canvas.height] = [columns, Math.max(1, numbers.length / columns)];
  const image = new ImageData(canvas.width, canvas.height);
  numbers.forEach((x, k) => {
    const [red, green, blue] = x < 0 ? COLOURS[5] : COLOURS[0];
    [image.data[4 * k], image.data[4 * k + 1], image.data[4 * k + 2]] = [red, green, blue];
    image.data[4 * k + 3] = Math.min(255, (255 * Math.abs(x)) / most);
  });
  canvas.getContext("2d").putImageData(image, 0, 0);
}

const farthest = (numbers) => numbers.reduce((a, b) => Math.max(a, Math.abs(b)), 1e-300);

function drawMatrices() {
  for (const canvas of byId("matrices").querySelectorAll("canvas")) {
    const i = positions[canvas.dataset.name], flat = partOf(shownFlat(), i);
    paintNumbers(canvas, flat, data.parameters[i].shape.at(-1) ?? 1, farthest(flat));
  }
}
