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
