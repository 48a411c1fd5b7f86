// ---- the list of lessons, with how far one is ----

const CONFIG = JSON.parse(document.getElementById("config").textContent);
const COURSE = JSON.parse(document.getElementById("course").textContent);
const WORDS = CONFIG.words;
const byId = (id) => document.getElementById(id);
const KEY = `gradtutor ${CONFIG.course}`;

function memory() {
  try { return JSON.parse(localStorage.getItem(KEY)) ?? {}; } catch { return {}; }
}

const now = { language: CONFIG.language ?? memory().language ?? (navigator.language.startsWith("zh") ? "zh" : "en") };
const ui = (key, values) => say(now.language, `web ${key}`, values);

function rightIn({ name, questions }) {
  const states = CONFIG.states?.[name] ?? memory()[`states ${name}`] ?? {};
  return questions.filter((id) => states[id]?.status === "right").length;
}

function row(lesson) {
  const item = document.createElement("li"), link = document.createElement("a"), side = document.createElement("span");
  link.href = `${CONFIG.lessons}${lesson.name}${CONFIG.suffix}`;
  link.textContent = lesson.titles[now.language];
  side.className = "faint";
  side.textContent = `${ui("minutes", { minutes: String(lesson.minutes) })} · ${ui("progress", { right: String(rightIn(lesson)), count: String(lesson.questions.length) })}`;
  item.append(link, " ", side);
  return item;
}

function show() {
  document.documentElement.lang = now.language === "zh" ? "zh-CN" : "en";
  document.title = byId("title").textContent = COURSE.titles[now.language];
  byId("language").textContent = now.language === "zh" ? "English" : "中文";
  byId("language").lang = now.language === "zh" ? "en" : "zh-CN";
  byId("parts").replaceChildren(...COURSE.parts.flatMap((part) => {
    const head = document.createElement("h2"), list = document.createElement("ol");
    head.textContent = part.titles[now.language];
    list.append(...part.lessons.map(row));
    return [head, list];
  }));
}

byId("language").addEventListener("click", () => {
  now.language = now.language === "zh" ? "en" : "zh";
  try { localStorage.setItem(KEY, JSON.stringify({ ...memory(), language: now.language })); } catch { /* private window */ }
  if (CONFIG.served) {
    fetch(`${CONFIG.served}language`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ language: now.language }) }).catch(() => undefined);
  }
  show();
});
show();
