// ---- matrix algebra ----

/** Gaussian elimination with row exchanges: the solution of A x = b, and det A. */
function eliminated(a, b) {
  const n = a.shape[0], m = b.data.length / n;
  const rows = Array.from({ length: n }, (_, i) => [
    ...a.data.slice(i * n, (i + 1) * n), ...b.data.slice(i * m, (i + 1) * m),
  ]);
  let det = 1;
  for (let k = 0; k < n; k++) {
    let best = k;
    for (let i = k + 1; i < n; i++) if (Math.abs(rows[i][k]) > Math.abs(rows[best][k])) best = i;
    if (best !== k) {
      [rows[k], rows[best]] = [rows[best], rows[k]];
      det = -det;
    }
    det *= rows[k][k];
    for (let i = 0; i < n; i++) {
      const share = i === k ? 0 : rows[i][k] / rows[k][k];
      if (share !== 0) for (let j = k; j < n + m; j++) rows[i][j] -= share * rows[k][j];
    }
  }
  const x = rows.flatMap((row, i) => row.slice(n).map((value) => value / row[i]));
  return { det, x: made(b.shape, Float64Array.from(x)) };
}

function identity(n) {
  return made([n, n], Float64Array.from({ length: n * n }, (_, i) => Number(i % (n + 1) === 0)));
}

/** The letters of u[ip, jq], of the left factor's axes and of the right one's. */
const KRON = { 1: ["ip", "i", "p"], 2: ["ipjq", "ij", "pq"] };

/** What one factor of a Kronecker product gets back; `side` is the other's place. */
function blocks(u, other, side) {
  const sizes = u.shape.flatMap((whole, i) => {
    const rest = whole / other.shape[i];
    return side === 1 ? [rest, other.shape[i]] : [other.shape[i], rest];
  });
  const [all, left, right] = KRON[u.shape.length];
  const [given, wanted] = side === 1 ? [right, left] : [left, right];
  return einsum([made(sizes, u.data), other], `${all},${given}->${wanted}`);
}

Object.assign(tensor, {
  diag(x) {
    const n = x.shape[0], vector = x.shape.length === 1;
    const step = vector ? 1 : n + 1;
    if (!vector) return made([n], Float64Array.from({ length: n }, (_, i) => x.data[i * step]));
    return map((a, b) => (b ? a : 0), made([n, 1], x.data), identity(n));
  },
  eye: (x) => identity(x.shape[0]),
  inv: (x) => eliminated(x, identity(x.shape[0])).x,
  solve: (a, b) => eliminated(a, b).x,
  det: (x) => eliminated(x, identity(x.shape[0])).det,
  kron(a, b) {
    const [all, left, right] = KRON[a.shape.length];
    const shape = a.shape.map((n, i) => n * b.shape[i]);
    return made(shape, einsum([a, b], `${left},${right}->${all}`).data);
  },
  kron_left: (u, b) => blocks(u, b, 1),
  kron_right: (u, a) => blocks(u, a, 0),
});

// ---- singular values ----

/** A = U diag(s) Vᵀ by turning pairs of columns until all are orthogonal (Hestenes 1958). */
function decomposed(a) {
  if (a.shape[0] < a.shape[1]) {
    const { u, s, v } = decomposed(tensor.transpose(a, {}));
    return { u: v, s, v: u };
  }
  const [m, n] = a.shape;
  const dot = (x, y) => x.reduce((sum, value, i) => sum + value * y[i], 0);
  const columns = Array.from({ length: n }, (_, j) => [
    ...Array.from({ length: m }, (_, i) => a.data[i * n + j]),
    ...Array.from({ length: n }, (_, i) => Number(i === j)),
  ]);
  const upper = (j) => columns[j].slice(0, m);
  for (let sweep = 0, turned = true; turned && sweep < 60; sweep++) {
    turned = false;
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) {
      const one = dot(upper(p), upper(p)), two = dot(upper(q), upper(q));
      const both = dot(upper(p), upper(q));
      if (!(Math.abs(both) > 1e-15 * Math.sqrt(one * two))) continue;
      turned = true;
      const zeta = (two - one) / (2 * both);
      const t = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.hypot(1, zeta));
      const c = 1 / Math.hypot(1, t), s = c * t;
      const [x, y] = [columns[p], columns[q]];
      columns[p] = x.map((value, i) => c * value - s * y[i]);
      columns[q] = x.map((value, i) => s * value + c * y[i]);
    }
  }
  const length = (column) => Math.sqrt(dot(column.slice(0, m), column.slice(0, m)));
  columns.sort((x, y) => length(y) - length(x));
  const s = columns.map(length);
  const u = made([m, n], Float64Array.from({ length: m * n }, (_, i) =>
    columns[i % n][Math.floor(i / n)] / (s[i % n] || 1)));
  const v = made([n, n], Float64Array.from({ length: n * n }, (_, i) =>
    columns[i % n][m + Math.floor(i / n)]));
  return { u, s, v };
}

/** U diag(g) Vᵀ. */
function pairs(a, weight) {
  const { u, s, v } = decomposed(a);
  const g = made([s.length], Float64Array.from(s, (_, k) => weight(k, s.length)));
  return einsum([map((x, y) => x * y, u, g), v], "ik,jk->ij");
}

/** How U diag(g) Vᵀ changes when a changes by w, with g held. */
function pairsSlope(a, w, weight) {
  const { u, s, v } = decomposed(a);
  const n = s.length, g = s.map((_, k) => weight(k, n));
  const matrix = (entry) => made([n, n], Float64Array.from({ length: n * n }, (_, at) =>
    entry(Math.floor(at / n), at % n)));
  const e = einsum([einsum([u, w], "mi,mn->in"), v], "in,nj->ij");
  const turned = matrix((i, j) => {
    const one = e.data[i * n + j], other = e.data[j * n + i];
    const rise = g[i] - g[j], ends = s[i] + s[j] || 1;
    const even = rise ? (one + other) / 2 * rise / (s[i] - s[j]) : 0;
    return even + (one - other) / 2 * (g[i] + g[j]) / ends;
  });
  const share = matrix((i, j) => (i === j && g[i] ? g[i] / s[i] : 0));
  const minus = (x, y) => map((p, q) => p - q, x, y);
  const left = minus(einsum([w, v], "mn,nj->mj"), einsum([u, e], "mi,ij->mj"));
  const right = minus(einsum([u, w], "mi,mn->in"), einsum([e, v], "ij,nj->in"));
  const turn = map((x, y) => x + y, einsum([u, turned], "mi,ij->mj"),
    einsum([left, share], "mi,ij->mj"));
  return map((x, y) => x + y, einsum([turn, v], "mj,nj->mn"),
    einsum([u, einsum([share, right], "ij,jn->in")], "mi,in->mn"));
}

const isPlace = (place) => (k, count) => Number(k === (place + count) % count);

Object.assign(tensor, {
  singular_value(x, { place = 0 }) {
    const { s } = decomposed(x);
    return s[(place + s.length) % s.length];
  },
  nuclear_norm: (x) => decomposed(x).s.reduce((a, b) => a + b, 0),
  singular_pair: (x, { place = 0 }) => pairs(x, isPlace(place)),
  polar: (x) => pairs(x, () => 1),
  singular_pair_slope: (x, w, { place = 0 }) => pairsSlope(x, w, isPlace(place)),
  polar_slope: (x, w) => pairsSlope(x, w, () => 1),
});
