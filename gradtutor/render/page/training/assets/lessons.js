// ---- lessons: a network, data and settings for something to look at ----

/** Take a network with its own settings, or a lesson's. */
function takeLesson(name) {
  if (run.playing) pause();
  const lesson = page.lessons.find((one) => one.name === name), own = lesson?.settings ?? {};
  useNetwork(lesson?.network ?? "own");
  const { optimiser, rate, batch } = { ...data, ...own };
  Object.assign(state, { optimiser, rate, batch, hold: own.hold ?? 0, patience: own.patience ?? 0, fill: own.fill ?? {}, seed: 1, kept: {} });
  if (own.activation) useActivation(own.activation);
  document.querySelector("h1").textContent = lesson?.title ?? document.title;
  byId("wishes-details").open = own.open === "wishes";
  if (byId("lesson-about")) byId("lesson-about").textContent = lesson?.about ?? "";
  firstWeights();
  arrange();
  showSettings();
  takeOptimiser();
  const first = page.sets[data.sets[0]];
  if (first) takeSet(lesson?.set ?? first.name);
  else reset();
  if (lesson) tell(`${lesson.title}. ${lesson.about}`);
}

/** Show the panels that this network has something for. */
function arrange() {
  offerSets();
  weight.chosen = null;
  buildNeurons();
  buildMatrices();
  buildDrawing();
  if (byId("plane-panel")) byId("plane-panel").hidden = !isPlane();
  byId("plane-column").hidden = !data.features;
  byId("land-panel").hidden = total_size !== 2;
  byId("weights-panel").hidden = Boolean(page.circuit);
  byId("right-column").hidden = total_size !== 2 && Boolean(page.circuit);
  byId("weight").textContent = data.layers.length ? words.hover : "";
  for (const kind of ["classes", "curve"]) {
    byId(`${kind}-title`).hidden = byId(`${kind}-help`).hidden = data.kind !== kind;
  }
  byId("plane").setAttribute("aria-labelledby", `${data.kind || "classes"}-title`);
  byId("plane").setAttribute("aria-describedby", `${data.kind || "classes"}-help`);
  byId("new-class").closest("label").hidden = data.kind !== "classes";
  byId("new-class").replaceChildren(...Array.from({ length: data.classes ?? 0 }, (_, i) => new Option(i, i)));
  byId("accuracy-count").hidden = !data.classes;
}
