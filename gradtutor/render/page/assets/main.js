// ---- keys and buttons ----

/** Go up or down among the wires of the gate in focus. */
function nextWire(way) {
  const view = viewNow(), all = view.wires.map((_, i) => i);
  const near = state.focus === null ? all
    : all.filter((i) => view.wires[i][1] === state.focus || view.wires[i][2] === state.focus);
  const at = near.indexOf(state.wire);
  const next = near[at < 0 ? (way > 0 ? 0 : near.length - 1) : (at + way + near.length) % near.length];
  labelOf(state.place, next).focus({ preventScroll: true });
  focusWire(next);
  bringIntoView(labelOf(state.place, next));
}

function activate() {
  const box = state.focus === null ? null : viewNow().boxes[state.focus];
  if (box?.key) toggle(box.key);
}

const KEYS = {
  ArrowRight: () => goTo(state.position + 1),
  ArrowLeft: () => goTo(state.position - 1),
  Home: () => goTo(0),
  End: () => goTo(lastPosition()),
};
const FIGURE_KEYS = {
  ArrowDown: () => nextWire(1),
  ArrowUp: () => nextWire(-1),
  Enter: activate,
  " ": activate,
};

function onKey(event) {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const inFigure = byId("figure").contains(event.target);
  const busy = event.target.closest?.("input, pre, .scroll");
  const act = busy ? undefined : (inFigure && FIGURE_KEYS[event.key]) || KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
}

function setTheme(dark) {
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  nameTheme();
}

function nameTheme() {
  byId("theme").textContent = say(isDark() ? "Light theme" : "Dark theme");
}

const isDark = () => {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
};

function zoomBy(ratio) {
  zoom.fits = false;
  setScale(byId(`view${state.place}`).querySelector("svg"), zoom.scale * ratio);
}

function fit() {
  const svg = byId(`view${state.place}`).querySelector("svg");
  zoom.fits = false;
  setScale(svg, Math.min(2.1, (byId("figure").clientWidth - 16) / Number(svg.getAttribute("width"))));
}

function toggleAll() {
  const sizes = DATA.views.map((view) => view.open.length), most = Math.max(...sizes);
  changeView(viewNow().open.length === most ? 0 : sizes.indexOf(most));
}

const BUTTONS = {
  first: KEYS.Home,
  back: KEYS.ArrowLeft,
  next: KEYS.ArrowRight,
  last: KEYS.End,
  fold: toggleAll,
  smaller: () => zoomBy(1 / 1.2),
  larger: () => zoomBy(1.2),
  fit,
  theme: () => setTheme(!isDark()),
};

function start() {
  for (const [id, act] of Object.entries(BUTTONS)) byId(id).addEventListener("click", act);
  nameTheme();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", nameTheme);
  document.addEventListener("keydown", onKey);
  document.querySelector(".table").addEventListener("toggle", showRows);
  addEventListener("resize", () => { if (zoom.fits) showView(); });
  readInputs();
  buildFields();
  compute();
  showView();
  show();
  figureTo("start");
}

start();
