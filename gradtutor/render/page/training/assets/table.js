// ---- all weights in a table, and as JSON ----

const MOST_ROWS = 400;

function drawTable() {
  if (!byId("numbers").open) return;
  const kept = Object.keys(state.kept), head = ["", words.value, words.gradient, ...kept];
  byId("numbers-head").replaceChildren(row(head, "th"));
  const body = data.parameters.flatMap((one, i) => Array.from({ length: sizes[i] }, (_, k) => [one.name, k]));
  byId("numbers-rows").replaceChildren(...body.slice(0, MOST_ROWS).map(([name, k]) => row([
    `${name}${indexText(name, k)}`, ...[state.theta, state.gradient, ...kept.map((key) => state.kept[key])]
      .map((flat) => numberAt(flat, name, k).toPrecision(6)),
  ], "td")));
  const whole = Object.fromEntries(data.parameters.map((one, i) => [one.name, [...partOf(state.theta, i)]]));
  byId("json").textContent = JSON.stringify({ update: state.update, loss: lossNow(), ...whole });
}

function row(texts, kind) {
  const made = document.createElement("tr");
  for (const text of texts) {
    const cell = document.createElement(kind);
    cell.textContent = text;
    made.append(cell);
  }
  return made;
}
