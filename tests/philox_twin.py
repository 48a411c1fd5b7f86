"""The CuPy scripts' random numbers for a NumPy script: the same masks, the same moves.

A NumPy script draws from a generator with a state, a CuPy script from Philox4x32-10 at
a counter. `with_philox` gives the NumPy script the counter's numbers, written here from
the paper (Salmon et al. 2011, figure 4), so that both train on the same masks.
"""

from __future__ import annotations

from gradtutor.graph import Graph, inputs

TWIN = '''
import itertools

RATES = {rates}
DRAWN, MOVED = itertools.count(), itertools.count()  # steps so far


def philox(x0, x1, x2):
    """Return the first word of each counter (x0, x1, x2, 0) under the key (SEED, 0)."""
    word = np.uint64(0xFFFFFFFF)
    x0, x1, x2 = (np.asarray(x, np.uint64) for x in np.broadcast_arrays(x0, x1, x2))
    x3, key = np.zeros_like(x0), [SEED, 0]
    for _ in range(10):
        low, high = np.uint64(0xD2511F53) * x0, np.uint64(0xCD9E8D57) * x2
        x0, x1 = high >> np.uint64(32) ^ x1 ^ np.uint64(key[0]), high & word
        x2, x3 = low >> np.uint64(32) ^ x3 ^ np.uint64(key[1]), low & word
        key = [(key[0] + 0x9E3779B9) % 2**32, (key[1] + 0xBB67AE85) % 2**32]
    return x0.astype(np.int64)


def draw_masks(rng, N, dtype):
    """Draw element i of layer l in step s at the counter (i, l, s, 0)."""
    step = next(DRAWN)
    masks = arrays(N, dtype)[-len(RATES) :]
    for layer, (mask, rate) in enumerate(zip(masks, RATES, strict=True)):
        drawn = philox(np.arange(mask.size), layer, step).reshape(mask.shape)
        mask[...] = np.where(drawn < rate * 2**32, 0, 1 / (1 - rate))


def shifted_images(X, rng):
    """Move image n of step s by the counter (n, 1000, s, 0)."""
    _, H, W, N = X.shape
    drawn, side = philox(np.arange(N), 1000, next(MOVED)), 2 * SHIFT + 1
    edge = (SHIFT, SHIFT)
    wide, moved = np.pad(X, ((0, 0), edge, edge, (0, 0))), np.empty_like(X)
    for n, (i, j) in enumerate(zip(drawn % side, drawn // side % side, strict=True)):
        moved[..., n] = wide[:, i : i + H, j : j + W, n]
    return moved
'''


def with_philox(text: str, graph: Graph) -> str:
    """Return a NumPy script that draws what the CuPy script of the network draws."""
    rates = [graph.nodes[name]["rate"] for name in inputs(graph, "mask")]
    start = text.index("\nif __name__ ==")
    return text[:start] + TWIN.format(rates=rates) + text[start:]
