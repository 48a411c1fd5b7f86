// ---- views: open and closed ----

const sameKeys = (a, b) => a.length === b.length && a.every((key) => b.includes(key));

/** Open or close one thing; where not every combination is drawn, others close. */
function toggle(key) {
  const open = viewNow().open;
  const wanted = open.includes(key) ? open.filter((one) => one !== key) : [...open, key];
  const near = [wanted, open.includes(key) ? [] : [key], []];
  changeView(near.map((keys) => DATA.views.findIndex((view) => sameKeys(view.open, keys)))
    .find((place) => place >= 0), key);
}

function changeView(place, key) {
  const inside = [byId("figure"), byId("explain")].some((part) => part.contains(document.activeElement));
  const moment = state.position === lastPosition() ? "end" : isBackward() ? "backward" : "forward";
  state.place = place;
  state.focus = state.wire = null;
  state.position = positionAt(moment, key);
  compute();
  showView();
  goTo(state.position);
  if (inside) (state.focus === null ? firstBox() : boxOf(place, state.focus)).focus({ preventScroll: true });
}

/** The step of the new view at which what was opened or closed has its turn. */
function positionAt(moment, key) {
  const view = viewNow(), steps = view.steps.map((i) => view.boxes[i]);
  const own = (box) => box.key === key || box.frame === key;
  if (moment === "end" || !steps.some(own)) return lastPosition();
  return moment === "forward" ? steps.findIndex(own) + 1 : 2 * count() + 1 - steps.findLastIndex(own);
}

function showView() {
  DATA.views.forEach((_, place) => { byId(`view${place}`).hidden = place !== state.place; });
  const svg = byId(`view${state.place}`).querySelector("svg");
  if (!rooms[state.place]) prepare(svg);
  if (zoom.fits) comfortable(svg);
  else setScale(svg, zoom.scale);
  const most = Math.max(...DATA.views.map((view) => view.open.length));
  byId("fold").hidden = DATA.views.length < 2;
  byId("fold").textContent = viewNow().open.length === most ? "Close all" : "Open all";
}

/** Make a drawing live, once. */
function prepare(svg) {
  const place = state.place, view = viewNow();
  svg.setAttribute("role", "group");
  svg.setAttribute("aria-label", "Circuit");
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
  element_.addEventListener("focus", () => { if (state.focus !== i && state.place === place) focusBox(i); });
}

function prepareFrame(frame, key, title) {
  frame.setAttribute("role", "button");
  frame.setAttribute("tabindex", "0");
  frame.setAttribute("aria-label", `Close ${title}`);
  frame.querySelector("text").addEventListener("click", () => toggle(key));
  frame.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    event.stopPropagation();
    toggle(key);
  });
}
