// ---- the drawing of a view: numbers on wires, lights, frames ----

const SVG = "http://www.w3.org/2000/svg";
const LINE = 16, MIDDLE = 5; // between lines; between the wire and its numbers

function svgElement(name, attributes, text) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

const boxOf = (place, i) => byId(`v${place}-n${i}`);
const labelOf = (place, i) => byId(`v${place}-w${i}`);
const halvesOf = (place, i) => ["a", "b"].map((half) => byId(`v${place}-w${i}-${half}`));

/** Turn a label's placeholder into room for two texts, and draw the wire through it. */
function prepareLabel(place, i) {
  const label = labelOf(place, i), frame = label.querySelector("polygon");
  const box = frame.getBBox();
  const x = box.x + box.width / 2, y = box.y + box.height / 2;
  const ends = DATA.direction === "LR"
    ? { x1: box.x - 2, x2: box.x + box.width + 2, y1: y, y2: y }
    : { x1: x, x2: x, y1: box.y - 2, y2: box.y + box.height + 2 };
  frame.classList.add("room");
  const value = svgElement("g", { class: "value" }), gradient = svgElement("g", { class: "gradient" });
  label.append(svgElement("line", { class: "hit", ...ends }), svgElement("line", { class: "through", ...ends }));
  label.append(value, gradient);
  for (const half of halvesOf(place, i)) {
    const path = half.querySelector("path");
    half.prepend(svgElement("path", { class: "hit", d: path.getAttribute("d") }));
    half.setAttribute("aria-hidden", "true");
  }
  return { box, x, y, value, gradient };
}

/** The rows of a value's text: a title, and numbers or the range of them. */
function rowsFor(title, shape, value, isTitled) {
  if (!shape.length) {
    return [value === undefined ? title : (title ? `${title} = ` : "") + fixed(value)];
  }
  const head = isTitled ? [`${title} ${shapeText(shape)}`.trim()] : [];
  if (value === undefined) return head.length ? head : [shapeText(shape)];
  if (!isGrid(shape)) return [...head, range(value)];
  return [...head, ...rowsOf(value).map((row) => row.map((x) => fixed(x)))];
}

/** Write rows of text into a group, around x, downwards from y. */
function writeRows(group, rows, x, y, width) {
  group.replaceChildren();
  rows.forEach((row, k) => {
    const base = y + (k + 1) * LINE - 4;
    if (!Array.isArray(row)) {
      group.append(svgElement("text", { x, y: base, "text-anchor": "middle" }, row));
      return;
    }
    const cell = width / row.length, left = x - width / 2;
    row.forEach((text, column) => {
      const at = left + cell * (column + 1) - 6;
      group.append(svgElement("text", { x: at, y: base, "text-anchor": "end" }, text));
    });
  });
  for (const text of group.querySelectorAll("text[text-anchor=middle]")) squeeze(text, width);
}

const WIDEST = 12; // of a character; measuring every text would be slow

/** Keep a text that is too long for its room inside it. */
function squeeze(text, width) {
  if (text.textContent.length * WIDEST > width && text.getComputedTextLength() > width) {
    text.setAttribute("textLength", width);
    text.setAttribute("lengthAdjust", "spacingAndGlyphs");
  }
}

function writeLabel(room, value, gradient) {
  const texts = JSON.stringify([value, gradient]);
  if (room.texts === texts) return;
  room.texts = texts;
  const width = room.box.width - 4;
  if (DATA.direction === "LR") {
    writeRows(room.value, value, room.x, room.y - MIDDLE + 2 - LINE * value.length, width);
    writeRows(room.gradient, gradient, room.x, room.y + 1, width);
    return;
  }
  const top = (rows) => room.y - (LINE * rows.length) / 2, quarter = room.box.width / 4;
  writeRows(room.value, value, room.x - quarter, top(value), width / 2);
  writeRows(room.gradient, gradient, room.x + quarter, top(gradient), width / 2);
}

/** The wires from here to the output. */
function pathToOutput(view, wire) {
  const found = new Set([wire]), stack = [wire];
  while (stack.length) {
    const [, , target] = view.wires[stack.pop()];
    view.wires.forEach(([, source], i) => {
      if (source === target && !found.has(i)) {
        found.add(i);
        stack.push(i);
      }
    });
  }
  return found;
}

/** Light wires and the boxes on them; nothing goes dark. */
function light(place, view, wires) {
  view.wires.forEach(([, source, target], i) => {
    const lit = wires.has(i);
    for (const element of [labelOf(place, i), ...halvesOf(place, i)]) {
      element.classList.toggle("lit", lit);
    }
  });
  const boxes = new Set([...wires].map((i) => view.wires[i][2]));
  view.boxes.forEach((_, i) => boxOf(place, i).classList.toggle("lit", boxes.has(i)));
}

/** Mark a box that opens, with a plus at its corner. */
function markOpens(box) {
  const size = box.getBBox();
  box.classList.add("opens");
  box.append(
    svgElement("circle", { class: "badge", cx: size.x + size.width, cy: size.y, r: 6.5 }),
    svgElement("text", { class: "badge", x: size.x + size.width, y: size.y + 4, "text-anchor": "middle" }, "+"),
  );
}

// ---- how large it is drawn ----

const zoom = { scale: 1, fits: true };

function setScale(svg, scale) {
  zoom.scale = Math.min(4, Math.max(0.15, scale));
  svg.style.width = `${Number(svg.getAttribute("width")) * zoom.scale}px`;
  svg.style.height = `${Number(svg.getAttribute("height")) * zoom.scale}px`;
}

const SMALLEST = 0.45; // at which numbers can still be made out

/** The width of the page, but no smaller than can be read and no larger than looks well. */
function comfortable(svg) {
  const room = byId("figure").clientWidth - 16;
  const whole = room / Number(svg.getAttribute("width"));
  setScale(svg, whole < SMALLEST ? 0.95 : Math.min(2.1, whole));
}

/** Scroll the figure, not the page, to a box. */
function bringIntoView(element) {
  const figure = byId("figure"), outer = figure.getBoundingClientRect();
  const inner = element.getBoundingClientRect();
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  figure.scrollTo({
    left: figure.scrollLeft + inner.x + inner.width / 2 - outer.x - outer.width / 2,
    top: figure.scrollTop + inner.y + inner.height / 2 - outer.y - outer.height / 2,
    behavior: calm ? "auto" : "smooth",
  });
}
