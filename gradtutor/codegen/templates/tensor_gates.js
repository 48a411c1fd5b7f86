// The tensor gates of the table, each called (...arguments, attributes).

// ---- windows: x is (C, L[, N]) or (C, H, W[, N]) ----

const each = (value, rank) => (typeof value === "number" ? Array(rank).fill(value) : value);

/** Axes of all windows of a shape, and the steps along them. */
function windowAxes(shape, { kernel, stride, dilation }) {
  const rank = kernel.length, own = strides(shape);
  const apart = each(stride ?? kernel, rank), spread = each(dilation, rank);
  const reach = kernel.map((k, i) => spread[i] * (k - 1) + 1);
  const counts = kernel.map((_, i) => Math.floor((shape[1 + i] - reach[i]) / apart[i]) + 1);
  return {
    kernel: { shape: kernel, steps: kernel.map((_, i) => own[1 + i] * spread[i]) },
    rest: {
      shape: [shape[0], ...counts, ...shape.slice(1 + rank)],
      steps: [own[0], ...counts.map((_, i) => own[1 + i] * apart[i]), ...own.slice(1 + rank)],
    },
  };
}

/** The windows' places in the order (C, kernel, counts, N). */
function windowPlaces(shape, attrs) {
  const { kernel, rest } = windowAxes(shape, attrs);
  const sizes = [rest.shape[0], ...kernel.shape, ...rest.shape.slice(1)];
  const steps = [rest.steps[0], ...kernel.steps, ...rest.steps.slice(1)];
  return { shape: sizes, at: places(sizes, steps) };
}

function paddingPairs({ padding, kernel, dilation }) {
  const spread = each(dilation, kernel.length);
  if (padding === "valid") return kernel.map(() => [0, 0]);
  if (padding === "same") {
    return kernel.map((k, i) => {
      const whole = spread[i] * (k - 1);
      return [Math.floor(whole / 2), whole - Math.floor(whole / 2)];
    });
  }
  return each(padding, kernel.length).map((p) => (typeof p === "number" ? [p, p] : p));
}

/** Send each window's number back to elements that `share` chooses. */
function unpooled(x, u, attrs, value, share) {
  const widths = [[0, 0], ...paddingPairs(attrs)];
  const padded = tensor.pad(x, { widths, value });
  const { kernel, rest } = windowAxes(padded.shape, attrs);
  const inside = places(kernel.shape, kernel.steps), corners = places(rest.shape, rest.steps);
  const out = filled(padded.shape, 0), numbers = dataOf(u);
  corners.forEach((corner, i) => share(out, padded.data, inside, corner, numbers[i], i));
  const cuts = x.shape.map((size, i) => [widths[i]?.[0] ?? 0, (widths[i]?.[0] ?? 0) + size, 1]);
  return tensor.slice({ shape: padded.shape, data: out }, { cuts });
}

/** The row that an index means; a negative one counts from the end. */
function rowOf(table, index) {
  const row = Math.trunc(index);
  return row < 0 ? row + table.shape[0] : row;
}

// ---- the gates ----

const tensor = {
  einsum: (...args) => einsum(args.slice(0, -1), args.at(-1).subscripts),
  matmul: (a, b) => (a.shape.length === 2 && b.shape.length === 2 ? rowsByColumns(a, b)
    : einsum([a, b], MATMUL[`${a.shape.length}${b.shape.length}`])),
  outer: (a, b) => einsum([a, b], "i,j->ij"),
  sum: total,
  mean: (x, attrs) => map((a) => a / sizeAlong(x, attrs.axis), total(x, attrs)),
  amax: largest,
  maximum_over: largest,
  amin: (x, attrs) => reduced(x, attrs, Infinity, Math.min),
  size: (x, { axis }) => sizeAlong(x, axis),

  first_winner(x, { axis }) {
    const { kept, at } = folding(x.shape, axis);
    const best = new Int32Array(product(kept)).fill(-1), data = x.data;
    at.forEach((place, i) => {
      const now = best[place];
      const wins = data[i] > data[now] || (Number.isNaN(data[i]) && !Number.isNaN(data[now]));
      if (now < 0 || wins) best[place] = i;
    });
    return made(x.shape, Float64Array.from(at, (place, i) => Number(best[place] === i)));
  },

  broadcast(x, like, { axis }) {
    const shape = shapeOf(like), own = shapeOf(x);
    const fresh = axis?.length ? normalAxes(axis, shape.length) : [];
    const sizes = [...own];
    const before = fresh.length ? shape.map((_, i) => (fresh.includes(i) ? 1 : sizes.shift())) : own;
    return taken(x, shape, places(shape, repeatedSteps(before, shape)));
  },

  softmax(x, { axis }) {
    const over = { axis, keepdims: true };
    const e = map((a, top) => Math.exp(a - top), x, largest(x, over));
    return map((a, sum) => a / sum, e, total(e, over));
  },

  logsumexp(x, { axis, keepdims }) {
    const top = largest(x, { axis, keepdims: true });
    const sum = total(map((a, t) => Math.exp(a - t), x, top), { axis, keepdims });
    return map((s, t) => Math.log(s) + t, sum, largest(x, { axis, keepdims }));
  },

  one_hot(y, like) {
    const classes = like.shape.at(-1), data = dataOf(y);
    const isClass = (label) => Number.isInteger(label) && label >= 0 && label < classes;
    const entry = (label, k) => (isClass(label) ? Number(label === k) : NaN);
    return made(like.shape, Float64Array.from(
      { length: product(like.shape) },
      (_, i) => entry(data[Math.floor(i / classes)], i % classes),
    ));
  },

  reshape(x, { shape }) {
    const rest = dataOf(x).length / -product(shape);
    return made(shape.map((size) => (size === -1 ? rest : size)), dataOf(x));
  },

  transpose(x, { axes }) {
    const order = axes ? normalAxes(axes, x.shape.length) : [...x.shape.keys()].reverse();
    const steps = strides(x.shape), shape = order.map((i) => x.shape[i]);
    return taken(x, shape, places(shape, order.map((i) => steps[i])));
  },

  pad(x, { widths, value = 0 }) {
    const full = x.shape.map((_, i) => [...(widths[i] ?? [0, 0]), 0].slice(0, 3));
    const shape = x.shape.map((n, i) => n + full[i][0] + full[i][1] + Math.max(n - 1, 0) * full[i][2]);
    const own = strides(shape);
    const offset = own.reduce((sum, step, i) => sum + step * full[i][0], 0);
    const steps = own.map((step, i) => step * (full[i][2] + 1));
    return scattered(shape, value, places(x.shape, steps, offset), x.data);
  },

  slice(x, { cuts }) {
    const own = strides(x.shape);
    const full = x.shape.map((size, i) => {
      const [start, stop, step] = cuts[i] ?? [];
      return [start ?? 0, stop ?? size, step ?? 1];
    });
    const shape = full.map(([start, stop, step]) => Math.ceil((stop - start) / step));
    const offset = full.reduce((sum, [start], i) => sum + start * own[i], 0);
    return taken(x, shape, places(shape, full.map(([, , step], i) => step * own[i]), offset));
  },

  flip(x, { axis }) {
    const axes = normalAxes(axis, x.shape.length), own = strides(x.shape);
    const offset = axes.reduce((sum, i) => sum + own[i] * (x.shape[i] - 1), 0);
    const steps = own.map((step, i) => (axes.includes(i) ? -step : step));
    return taken(x, x.shape, places(x.shape, steps, offset));
  },

  cumsum(x, { axis }) {
    const [at] = normalAxes(axis, x.shape.length), step = strides(x.shape)[at];
    const data = Float64Array.from(x.data);
    for (let i = 0; i < data.length; i++) {
      if (Math.floor(i / step) % x.shape[at] > 0) data[i] += data[i - step];
    }
    return made(x.shape, data);
  },

  concat(a, b, { axis }) {
    const [at] = normalAxes(axis, a.shape.length), before = a.shape[at];
    const widths = (first) => a.shape.map((_, i) => (i !== at ? [0, 0] : first));
    const left = tensor.pad(a, { widths: widths([0, b.shape[at]]) });
    const right = tensor.pad(b, { widths: widths([before, 0]) });
    const step = strides(left.shape)[at], whole = left.shape[at];
    const isLeft = (i) => Math.floor(i / step) % whole < before;
    return made(left.shape, left.data.map((x, i) => (isLeft(i) ? x : right.data[i])));
  },

  gather(table, index) {
    const shape = [...shapeOf(index), ...table.shape.slice(1)], row = strides(table.shape)[0];
    const data = dataOf(index);
    return made(shape, Float64Array.from({ length: product(shape) }, (_, i) =>
      table.data[rowOf(table, data[Math.floor(i / row)]) * row + (i % row)] ?? NaN));
  },

  scatter_add(u, index, table) {
    const row = strides(table.shape)[0], chosen = dataOf(index), numbers = dataOf(u);
    const at = Int32Array.from(numbers, (_, i) =>
      rowOf(table, chosen[Math.floor(i / row)]) * row + (i % row));
    return scattered(table.shape, 0, at, numbers);
  },

  windows(x, attrs) {
    const { shape, at } = windowPlaces(x.shape, attrs);
    return taken(x, shape, at);
  },

  fold: (cut, like, attrs) =>
    scattered(like.shape, 0, windowPlaces(like.shape, attrs).at, cut.data),

  max_unpool(x, m, u, attrs) {
    const top = dataOf(m);
    return unpooled(x, u, attrs, -Infinity, (out, data, inside, corner, number, i) => {
      const first = inside.findIndex((offset) => data[corner + offset] === top[i]);
      out[corner + inside.at(first)] += number; // nan equals nothing: the last one
    });
  },

  mean_unpool: (x, u, attrs) =>
    unpooled(x, u, attrs, 0, (out, _, inside, corner, number) => {
      inside.forEach((offset) => { out[corner + offset] += number / inside.length; });
    }),
};
