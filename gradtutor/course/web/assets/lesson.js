// ---- the page of a lesson ----

const CONFIG = JSON.parse(document.getElementById("config").textContent);
const LESSON = JSON.parse(document.getElementById("lesson").textContent);
const WORDS = CONFIG.words;
const byId = (id) => document.getElementById(id);
const ui = (key, values) => say(now.language, `web ${key}`, values);

function el(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (key === "html") made.innerHTML = value; // the program's own, from Markdown
    else if (value !== undefined && value !== false) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter((one) => one !== null && one !== undefined));
  return made;
}

// ---- progress: with the server the program's log, else this browser's memory ----

const KEY = `gradtutor ${CONFIG.course}`;
const memory = {
  read() {
    try { return JSON.parse(localStorage.getItem(KEY)) ?? {}; } catch { return {}; }
  },
  change(key, value) {
    try { localStorage.setItem(KEY, JSON.stringify({ ...this.read(), [key]: value })); } catch { /* private window */ }
  },
};

const stored = memory.read();
const now = {
  language: CONFIG.language ?? stored.language ?? (navigator.language.startsWith("zh") ? "zh" : "en"),
  states: CONFIG.states ?? stored[`states ${CONFIG.name}`] ?? {},
  variant: 0,
};

function chooseVariant() {
  if (CONFIG.served) return;
  const known = stored[`variant ${CONFIG.name}`];
  now.variant = known ?? Math.floor(Math.random() * LESSON.variants.length);
  if (known === undefined) memory.change(`variant ${CONFIG.name}`, now.variant);
}

const lesson = () => LESSON.variants[now.variant] ?? LESSON.variants[0];
const stateOf = (id) => now.states[id] ?? { status: "open", tries: 0, hints: 0 };

function remember(id, changes) {
  now.states[id] = { ...stateOf(id), ...changes };
  if (!CONFIG.served) memory.change(`states ${CONFIG.name}`, now.states);
  showProgress();
}

async function ask(what, body) {
  const answer = await fetch(`${CONFIG.served}${what}`, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${answer.status}`);
  return answer.json();
}

/** A verdict: the program's own where it serves the page, else that of this page. */
async function verdictOn(question, answer, words) {
  const verdict = CONFIG.served
    ? await ask("answer", { lesson: CONFIG.name, question: question.id, answer: words, language: now.language })
    : gradeAnswer(question, answer);
  return { ...verdict, told: toldOf(question, verdict, now.language), parts: verdict.parts ?? {} };
}

// ---- drawing the page ----

function show() {
  document.documentElement.lang = now.language === "zh" ? "zh-CN" : "en";
  document.title = lesson().titles[now.language];
  byId("title").textContent = lesson().titles[now.language];
  byId("home").textContent = CONFIG.inside ? "" : ui("all-lessons");
  byId("skip").textContent = ui("skip");
  byId("language").textContent = now.language === "zh" ? "English" : "中文";
  byId("language").lang = now.language === "zh" ? "en" : "zh-CN";
  const open = new Map([...document.querySelectorAll(".question")].map((one) => [one.id, keptOf(one)]));
  byId("pieces").replaceChildren(...lesson().pieces[now.language].map(piece));
  for (const [id, kept] of open) putBack(byId(id), kept);
  showProgress();
}

/** What a learner has typed so far, which a change of language keeps. */
function keptOf(section) {
  return [...section.querySelectorAll("input")].map((one) => (one.type === "text" ? one.value : one.checked));
}

function putBack(section, kept) {
  section?.querySelectorAll("input").forEach((one, n) => {
    if (one.type === "text") one.value = kept[n] ?? "";
    else one.checked = kept[n] ?? false;
  });
}

function piece({ kind, body }) {
  if (kind === "text") return el("div", { class: "prose", html: body });
  if (kind === "picture") return picture(body);
  return questionCard(lesson().questions[body]);
}

function picture(name) {
  const spoken = LESSON.worded.includes(name) ? `-${now.language}` : "";
  const base = `${CONFIG.pictures}${CONFIG.name}/${name}-${lesson().variant}${spoken}`;
  const image = el("img", { src: CONFIG.inside?.[`${name}${spoken}`] ?? `${base}.svg`, alt: ui("picture", { name }), loading: "lazy" });
  if (CONFIG.inside || !LESSON.live.includes(name)) return el("figure", {}, image);
  const play = el("button", { type: "button", onclick: () => {
    const frame = el("iframe", { src: `${base}.html`, title: ui("picture", { name }), sandbox: "allow-scripts", class: "live" });
    figure.replaceChildren(frame);
    frame.focus();
  } }, ui("play"));
  const figure = el("figure", {}, image, el("figcaption", {}, play));
  return figure;
}

function showProgress() {
  const all = Object.keys(lesson().questions), right = all.filter((id) => stateOf(id).status === "right").length;
  byId("progress").textContent = ui("progress", { right: String(right), count: String(all.length) });
  const bar = byId("bar");
  bar.max = all.length;
  bar.value = right;
  for (const id of all) {
    const section = byId(`question-${id}`), status = stateOf(id).status;
    if (!section) continue;
    section.dataset.status = status;
    section.querySelector(".status").textContent = status === "open" ? "" : ui(`status-${status}`);
  }
}

// ---- questions ----

function questionCard(question) {
  const words = question.words[now.language];
  const told = el("div", { class: "told", role: "status", "aria-live": "polite", tabindex: "-1" });
  const field = FIELDS[question.kind](question, words);
  const answer = async (event) => {
    event.preventDefault();
    await submit(question, field, told);
  };
  const check = question.kind === "code" || question.grading.by === "terminal" && !CONFIG.served
    ? null : el("button", { type: "submit", class: "primary" }, ui("check"));
  const form = el("form", { onsubmit: answer, autocomplete: "off" }, field.element, el("div", { class: "buttons" },
    check,
    el("button", { type: "button", onclick: () => hint(question, told) }, ui("hint")),
    el("button", { type: "button", onclick: () => solution(question, told) }, ui("solution"))));
  const head = el("h3", { id: `head-${question.id}` }, ui("question", { number: String(question.number) }), el("span", { class: "status" }));
  return el("section", { class: "question", id: `question-${question.id}`, "aria-labelledby": `head-${question.id}` },
    head, el("div", { class: "prose", html: words.body }), form, told);
}

async function submit(question, field, told) {
  let verdict;
  try {
    verdict = await verdictOn(question, field.answer(), field.words());
  } catch (error) {
    tell(told, "undecided", [`<p>${ui("no-server")}</p>`]);
    return;
  }
  const counted = verdict.status !== "invalid", before = stateOf(question.id);
  if (counted) {
    const status = verdict.status === "correct" && before.status !== "shown" ? "right" : before.status === "open" ? "wrong" : before.status;
    remember(question.id, { status: verdict.state ?? status, tries: before.tries + 1 });
  }
  tellNotebook(question, { answer: field.words(), verdict: verdict.status });
  field.mark?.(verdict.parts);
  tell(told, verdict.status, verdict.told);
}

let told = 0;

/** Hand on to the notebook around the page what was done, so that it counts there. */
function tellNotebook(question, done) {
  if (!CONFIG.inside) return;
  told += 1;
  parent.postMessage({ gradtutor: { count: told, lesson: CONFIG.name, question: question.id, language: now.language, ...done } }, "*");
}

const SIGNS_OF = { correct: "✓", wrong: "✗", invalid: "!", undecided: "?" };

function tell(told, status, paragraphs) {
  told.dataset.verdict = status;
  const head = el("p", { class: "verdict" }, `${SIGNS_OF[status]} ${say(now.language, status)}`);
  told.replaceChildren(head, el("div", { html: paragraphs.join("\n") }));
  told.focus({ preventScroll: true });
  told.scrollIntoView({ block: "nearest" });
}

async function hint(question, told) {
  const hints = question.words[now.language].hints, tier = Math.min(stateOf(question.id).hints + 1, hints.length);
  if (CONFIG.served) await ask("hint", { lesson: CONFIG.name, question: question.id });
  tellNotebook(question, { what: "hint" });
  remember(question.id, { hints: tier });
  aside(told, ui("hint-number", { tier: String(tier), tiers: String(hints.length) }), hints[tier - 1]);
}

async function solution(question, told) {
  if (CONFIG.served) await ask("solution", { lesson: CONFIG.name, question: question.id });
  tellNotebook(question, { what: "solution" });
  const { status } = stateOf(question.id);
  remember(question.id, { status: status === "right" ? "right" : "shown" });
  aside(told, ui("solution"), question.words[now.language].solution);
}

function aside(told, title, html) {
  told.dataset.verdict = "aside";
  told.replaceChildren(el("p", { class: "verdict" }, title), el("div", { html }));
  told.focus({ preventScroll: true });
  told.scrollIntoView({ block: "nearest" });
}

// ---- the fields of each kind ----

function textField(question, label) {
  const id = `field-${question.id}`;
  const input = el("input", { type: "text", id, class: "answer", spellcheck: "false", autocapitalize: "off" });
  const element = el("div", {}, el("label", { for: id }, label), input);
  return { element, answer: () => input.value, words: () => [input.value] };
}

function optionsField(question, words) {
  const type = question.grading.several ? "checkbox" : "radio";
  const inputs = question.choices.map((name) => el("input", { type, name: `of-${question.id}`, value: name }));
  const rows = inputs.map((input, n) => el("label", { class: "option" }, input,
    el("span", { class: "letter" }, `${LETTERS[n]}) `), el("span", { html: words.choices[question.choices[n]] })));
  const picked = () => inputs.filter((one) => one.checked).map((one) => one.value);
  const legend = el("legend", {}, ui(question.grading.several ? "choose-several" : "choose-one"));
  return { element: el("fieldset", {}, legend, ...rows), answer: picked, words: picked };
}

/** Steps that are moved up and down by buttons. */
function orderField(question, words) {
  const list = el("ol", { class: "order" });
  const move = (item, way) => {
    const other = way < 0 ? item.previousElementSibling : item.nextElementSibling;
    if (!other) return;
    if (way < 0) list.insertBefore(item, other);
    else list.insertBefore(other, item);
    item.querySelector(way < 0 ? ".up" : ".down").focus();
  };
  for (const name of question.choices) {
    const text = plainOf(words.choices[name]);
    const item = el("li", { "data-name": name },
      el("button", { type: "button", class: "up", "aria-label": ui("up", { text }), onclick: () => move(item, -1) }, "↑"),
      el("button", { type: "button", class: "down", "aria-label": ui("down", { text }), onclick: () => move(item, 1) }, "↓"),
      el("span", { html: words.choices[name] }));
    list.append(item);
  }
  const order = () => [...list.children].map((one) => one.dataset.name);
  return { element: el("fieldset", {}, el("legend", {}, ui("put-in-order")), list), answer: order, words: order };
}

function circuitField(question) {
  const inputs = {};
  const rows = question.grading.blanks.map(({ key, label }) => {
    const id = `field-${question.id}-${key.replaceAll(" ", "-")}`;
    inputs[key] = el("input", { type: "text", id, class: "blank", spellcheck: "false", autocapitalize: "off" });
    return el("div", { class: "cell" }, el("label", { for: id }, label), inputs[key]);
  });
  const texts = () => Object.fromEntries(Object.entries(inputs).map(([key, one]) => [key, one.value]));
  const filled = () => question.grading.blanks.filter(({ key }) => inputs[key].value.trim()).map(({ key, label }) => `${label}=${inputs[key].value}`);
  const mark = (parts) => question.grading.blanks.forEach(({ key, label }) => {
    const right = parts[label];
    inputs[key].classList.toggle("right", right === true);
    if (right === false) inputs[key].setAttribute("aria-invalid", "true");
    else inputs[key].removeAttribute("aria-invalid");
  });
  return { element: el("div", { class: "blanks" }, ...rows), answer: texts, words: filled, mark };
}

function terminalField(question, words) {
  const element = el("div", { class: "terminal" }, el("p", {}, ui("in-the-terminal")),
    el("pre", {}, el("code", {}, `gradtutor lesson start ${CONFIG.name}\n${words.command}`)));
  return { element, answer: () => "", words: () => [] };
}

const FIELDS = {
  expression: (question, words) => (question.grading.by === "terminal" && !CONFIG.served
    ? terminalField(question, words) : textField(question, ui("expression"))),
  number: (question) => textField(question, question.grading.unit ? ui("number-in", { unit: question.grading.unit }) : ui("number")),
  choice: optionsField,
  order: orderField,
  circuit: circuitField,
  code: terminalField,
};

function changeLanguage() {
  now.language = now.language === "zh" ? "en" : "zh";
  memory.change("language", now.language);
  if (CONFIG.served) ask("language", { language: now.language }).catch(() => undefined);
  show();
}

chooseVariant();
byId("language").addEventListener("click", changeLanguage);
show();
