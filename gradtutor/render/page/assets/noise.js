// ---- rounding noise: 5.6e-17 where a value is 0 ----

/** How small, beside the largest and at all, a number is looked at; by how much inputs are shaken; how many numbers at most. */
const SUSPECT = 1e-13, SMALL = 1e-6, SHAKEN = 2 ** -51, MOST_NUMBERS = 20000;

/** Every input a unit or two of its last digit off. */
function shaken(program, v) {
  const ways = [-2, 1, 2, -1], off = [];
  let turn = 0;
  program.nodes.filter((node) => node.gate === "input").forEach(({ slot, role }) => {
    const isWhole = role === "label";
    off[slot] = isWhole ? v[slot] : map((x) => x * (1 + ways[turn++ % 4] * SHAKEN), v[slot]);
  });
  return off;
}

const isSuspect = (x, most) => x !== 0 && Math.abs(x) < Math.min(SMALL, SUSPECT * most);

/**
 * Make 0 of what is noise alone: so small beside the largest number, and quite another
 * number where the inputs' last digits differ.
 */
function withoutNoise(run, program, v) {
  const all = v.map(dataOf), size = all.reduce((sum, one) => sum + one.length, 0);
  if (size > MOST_NUMBERS) return v;
  let most = 0;
  for (const one of all) for (const x of one) if (Number.isFinite(x)) most = Math.max(most, Math.abs(x));
  if (!all.some((one) => one.some((x) => isSuspect(x, most)))) return v;
  const other = shaken(program, v);
  run(other);
  return v.map((value, slot) => {
    if (program.nodes.some((node) => node.gate === "input" && node.slot === slot)) return value;
    const clean = (x, y) => (isSuspect(x, most) && Math.abs(x - y) > 0.01 * Math.abs(x) ? 0 : x);
    return map(clean, value, other[slot]);
  });
}
