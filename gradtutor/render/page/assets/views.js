// ---- views: open and closed ----

const sameKeys = (a, b) => a.length === b.length && a.every((key) => b.includes(key));

/** Open or close one thing; where not every combination is drawn, others close or all open. */
function toggle(key) {
  const open = viewNow().open;
  const wanted = open.includes(key) ? open.filter((one) => one !== key) : [...open, key];
  const all = DATA.views.at(-1).open;
  const near = open.includes(key) ? [wanted, []] : [wanted, [key], all];
  changeView(near.map((keys) => DATA.views.findIndex((view) => sameKeys(view.open, keys)))
    .find((place) => place >= 0), key);
}

function changeView(place, key) {
  const inside = [byId("figure"), byId("explain")].some((part) => part.contains(document.activeElement));
  const moment = state.position === lastPosition() ? "end" : isBackward() ? "backward" : "forward";
  const mark = key ?? markNow();
  state.place = place;
  state.focus = state.wire = null;
  state.position = positionAt(moment, mark);
  compute();
  showView();
  goTo(state.position);
  if (inside) (state.focus === null ? firstBox() : boxOf(place, state.focus)).focus({ preventScroll: true });
}

/** What each step is known by in every view: what it opens, is inside of, or its turn
 * among the other gates; a copy may be in one view alone and is known by nothing. */
function marks() {
  let turn = 0;
  return viewNow().steps.map((i) => viewNow().boxes[i])
    .map((box) => box.key || box.frame || (box.kind === "copy" ? "" : `gate ${turn++}`));
}

/** The mark of the present step, or of the one before a copy. */
function markNow() {
  const at = isBackward() ? 2 * count() + 1 - state.position : state.position - 1;
  return at === count() ? undefined : marks().slice(0, at + 1).findLast((mark) => mark);
}

/** The position in the new view at which a mark has its turn; without one, where the pass begins. */
function positionAt(moment, mark) {
  if (moment === "end") return lastPosition();
  if (moment === "forward") return marks().indexOf(mark) + 1;
  const at = marks().lastIndexOf(mark);
  return 2 * count() + 1 - (at < 0 ? count() : at);
}

function showView() {
  DATA.views.forEach((_, place) => { byId(`view${place}`).hidden = place !== state.place; });
  const svg = byId(`view${state.place}`).querySelector("svg");
  if (!rooms[state.place]) prepare(svg);
  if (zoom.fits) comfortable(svg);
  else setScale(svg, zoom.scale);
  const most = Math.max(...DATA.views.map((view) => view.open.length));
  byId("fold").hidden = DATA.views.length < 2;
  byId("fold").textContent = viewNow().open.length === most ? say("Close all") : say("Open all");
}

/** Make a drawing live, once. */
function prepare(svg) {
  const place = state.place, view = viewNow();
  svg.setAttribute("role", "group");
  svg.setAttribute("aria-label", say("Circuit"));
  svg.setAttribute("aria-describedby", "help");
  rooms[place] = view.wires.map((_, i) => prepareLabel(place, i));
  view.wires.forEach((_, i) => prepareWire(place, i));
  view.boxes.forEach((box, i) => prepareBox(place, box, i));
  for (const key of view.open) prepareFrame(byId(`v${place}-${key}`), key, view.frames[key]);
}

function prepareWire(place, i) {
  const label = labelOf(place, i);
  label.setAttribute("role", "img");
  label.setAttribute("tabindex", "-1");
  const wires = [label, ...halvesOf(place, i)];
  for (const part of wires) {
    part.addEventListener("pointerenter", () => light(place, viewNow(), pathToOutput(viewNow(), i)));
    part.addEventListener("pointerleave", () => light(place, viewNow(), new Set(
      state.wire === null ? [] : pathToOutput(viewNow(), state.wire))));
    part.addEventListener("click", () => focusWire(i));
  }
  label.addEventListener("focus", () => { if (state.wire !== i) focusWire(i); });
}

function focusWire(i) {
  state.wire = i;
  const view = viewNow();
  light(state.place, view, pathToOutput(view, i));
  view.wires.forEach((_, k) => labelOf(state.place, k).classList.toggle("here", k === i));
  byId("live").textContent = labelOf(state.place, i).getAttribute("aria-label");
}

function prepareBox(place, box, i) {
  const element_ = boxOf(place, i);
  const isStep = viewNow().steps.includes(i);
  element_.setAttribute("role", isStep ? "button" : "img");
  if (!isStep) return;
  if (box.key) markOpens(element_);
  element_.addEventListener("click", (event) => {
    if (box.key && event.target.classList.contains("badge")) toggle(box.key);
    else focusBox(i);
  });
  element_.addEventListener("dblclick", () => { if (box.key) toggle(box.key); });
  element_.addEventListener("focus", () => { if (state.focus !== i && state.place === place && hasValue(i)) focusBox(i); });
}

function prepareFrame(frame, key, title) {
  frame.setAttribute("role", "button");
  frame.setAttribute("tabindex", "0");
  frame.setAttribute("aria-label", say("Close {title}", { title }));
  frame.querySelector("text").addEventListener("click", () => toggle(key));
  frame.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    event.stopPropagation();
    toggle(key);
  });
}
