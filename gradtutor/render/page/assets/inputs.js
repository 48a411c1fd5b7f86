// ---- the input fields ----

const EDITED = 36; // a tensor with more elements is shown by its shape

function element(name, attributes = {}, ...children) {
  const made_ = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined) made_.setAttribute(key, value);
  }
  made_.append(...children);
  return made_;
}

function readInputs() {
  state.inputs = DATA.inputs.map((input) => {
    const numbers = (input.value ?? []).map(asNumber);
    return { ...input, value: made(input.shape, Float64Array.from(numbers)) };
  });
}

/** Symmetric limits of a slider that leave room on both sides: 5, 10, 20, 50, ... */
function reach(value) {
  const wanted = Number.isFinite(value) ? Math.max(5, 1.5 * Math.abs(value)) : 5;
  const power = 10 ** Math.floor(Math.log10(wanted));
  return [1, 2, 5, 10].map((k) => k * power).find((limit) => limit >= wanted);
}

function buildFields() {
  const fields = byId("fields");
  state.inputs.forEach((input, k) => fields.append(fieldSet(input, k)));
  if (!state.inputs.length) fields.append(element("p", {}, say("This circuit has no inputs.")));
  byId("notes").textContent = DATA.notes.join(". ");
}

function fieldSet(input, k) {
  const title = element("span", { class: "name" }, input.name);
  const shape = input.shape.length ? [element("span", { class: "faint" }, ` ${shapeText(input.shape)}`)] : [];
  const gradient = element("output", { id: `gradient${k}`, class: "gradient" });
  const group = element("div", { class: "input", role: "group", "aria-label": say("Input {name}", { name: input.name }) });
  group.append(element("div", { class: "head" }, element("span", {}, title, ...shape), gradient));
  const size = input.shape.reduce((a, b) => a * b, 1);
  if (!DATA.numbers) return group;
  if (size > EDITED || input.shape.length > 2 || size === 0) {
    group.append(element("p", { class: "faint" }, size ? range(input.value) : say("empty")));
    return group;
  }
  group.append(...editors(input, k));
  return group;
}

/** A field for every element, and one slider for the element last touched. */
function editors(input, k) {
  const data = dataOf(input.value), columns = input.shape.at(-1) ?? 1;
  const grid = element("div", { class: ["single", "grid vector", "grid"][input.shape.length] });
  grid.style.setProperty("--columns", columns);
  const slider = element("input", { type: "range", id: `slider${k}`, "aria-label": say("{name}, slider", { name: input.name }) });
  const fields = [...data].map((x, i) => numberField(input, k, i, columns));
  const error = element("p", { class: "error", id: `error${k}`, role: "alert" });
  let chosen = 0;
  const choose = (i) => {
    chosen = i;
    const at = input.shape.length ? `${input.name}[${indexText(input, i, columns)}]` : input.name;
    slider.setAttribute("aria-label", say("{name}, slider", { name: at }));
    aim(slider, dataOf(input.value)[i]);
    fields.forEach((field, j) => field.classList.toggle("chosen", fields.length > 1 && j === i));
  };
  const set = (i, value, from) => {
    change(input, i, value);
    error.textContent = "";
    fields[i].removeAttribute("aria-invalid");
    if (from !== fields[i]) fields[i].value = plainNumber(value);
    if (from !== slider) aim(slider, value);
  };
  fields.forEach((field, i) => {
    field.addEventListener("focus", () => choose(i));
    field.addEventListener("input", () => {
      const value = typed(field.value);
      if (value === undefined) {
        field.setAttribute("aria-invalid", "true");
        error.textContent = say("“{text}” is no number: write 2, -0.5, 1e-3, 1/3, 2*pi, inf or nan", { text: field.value });
      } else set(i, value, field);
    });
    field.addEventListener("keydown", (event) => {
      const way = { ArrowUp: 1, ArrowDown: -1 }[event.key];
      const value = typed(field.value);
      if (!way || value === undefined) return;
      event.preventDefault();
      set(i, Number((value + way * (event.shiftKey ? 1 : 0.1)).toPrecision(12)), null);
    });
    field.addEventListener("blur", () => {
      if (field.getAttribute("aria-invalid")) set(i, dataOf(input.value)[i], null);
    });
    grid.append(field);
  });
  slider.addEventListener("input", () => set(chosen, Number(slider.value), slider));
  choose(0);
  return [grid, slider, error];
}

const indexText = (input, i, columns) =>
  (input.shape.length === 1 ? `${i}` : `${Math.floor(i / columns)}, ${i % columns}`);

const plainNumber = (value) => (Number.isFinite(value) ? String(value) : special(value).replace("∞", "inf"));

function numberField(input, k, i, columns) {
  const label = input.shape.length ? `${input.name}[${indexText(input, i, columns)}]` : say("{name}, value", { name: input.name });
  return element("input", {
    type: "text", inputmode: "text", autocomplete: "off", spellcheck: "false", class: "number",
    id: `field${k}-${i}`, "aria-label": label, "aria-describedby": `error${k}`,
    value: plainNumber(dataOf(input.value)[i]),
  });
}

/** Set a slider's limits around a value. */
function aim(slider, value) {
  const limit = Math.max(reach(value), Math.abs(Number(slider.max)) >= Math.abs(value) ? Number(slider.max) : 0);
  const next = Number.isFinite(value) ? limit : 5;
  slider.min = -next;
  slider.max = next;
  slider.step = next / 500;
  slider.value = Number.isFinite(value) ? value : 0;
}

function change(input, i, value) {
  if (input.shape.length) input.value.data[i] = value;
  else input.value = value;
  compute();
  show();
  tellOutside();
}

/** Tell the notebook whose cell this page is in what its inputs are now. */
function tellOutside() {
  if (parent === window) return;
  const values = state.inputs.map((one) => [one.name, Array.from(dataOf(one.value), String)]);
  parent.postMessage({ gradtutor: Object.fromEntries(values) }, "*");
}

/** Whether an input is one to differentiate by: labels and masks are not. */
const takesGradient = (node) => node.grad !== null && (node.role === "input" || node.role === "parameter");

function showGradients() {
  state.inputs.forEach((input, k) => {
    const index = now.program.nodes.findIndex((node) => node.gate === "input" && node.name === input.name);
    const output = byId(`gradient${k}`), known = state.position === lastPosition();
    const value = index < 0 ? undefined : now.gradientOf(index);
    const shows = known && value !== undefined && takesGradient(now.program.nodes[index]);
    const large = shows && !isScalar(value) && !isGrid(value.shape);
    output.textContent = shows ? `${by(now.program, input.name)} = ${large ? range(value) : told(value)}` : "";
    remember(output, "gradient", value);
  });
}
