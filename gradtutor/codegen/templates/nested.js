// Nested arrays, as [[1, 2], [3, 4]], to tensors and back.

function tensorOf(x) {
  const shape = [];
  for (let part = x; typeof part !== "number"; part = part[0]) shape.push(part.length);
  return shape.length ? { shape, data: Float64Array.from([x].flat(Infinity)) } : x;
}

function nested(x) {
  if (typeof x === "number") return x;
  const size = x.data.length / x.shape[0];
  return Array.from({ length: x.shape[0] }, (_, i) => {
    const data = x.data.slice(i * size, (i + 1) * size);
    return x.shape.length === 1 ? data[0] : nested({ shape: x.shape.slice(1), data });
  });
}
