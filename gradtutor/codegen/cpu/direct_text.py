r"""The compiled loops of a convolution by shifted rows, for one kernel.

>>> convolution_text(Rows((2,))).splitlines()[-1].strip()
'total[p] += w0 * x0[p] + w1 * x1[p]'
>>> Rows((3, 3), stride=2, dilation=(1, 4)).name("convolve")
'convolve_3x3_stride2_dilation1x4'
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from math import prod

from gradtutor.codegen.ir.launches import NAME

#: Numbers of a row that are worked on at once: they stay in the nearest cache.
TILE = 4096
#: Taps up to which a whole kernel stands in one expression, else one row of it.
TOGETHER = 9
#: Sums may be added in another order, which is what lets them be vectors; nan stays.
HEAD = """\
@njit(
    nogil=True,
    error_model="numpy",
    fastmath={"reassoc", "contract", "nsz"},
    cache=True,
)"""
GAP, WIDTH = "    ", 88


@dataclass(frozen=True)
class Rows:
    """A kernel and how it moves.

    Attributes
    ----------
    kernel, dilation : tuple of int
        One number for a signal, two for an image; no dilation is 1 along each.
    stride : int
        From row to row of an image; along a row it is 1.
    groups : int
        Parts of the channels, each with results of its own.
    border : tuple of int
        How many rows of an image are known to be 0 at its top and bottom.
    """

    kernel: tuple[int, ...]
    stride: int = 1
    dilation: tuple[int, ...] = (1, 1)
    groups: int = 1
    border: tuple[int, int] = (0, 0)

    def name(self, stem: str) -> str:
        """Return the name of the loop."""
        name = f"{stem}_{'x'.join(map(str, self.kernel))}"
        dilation = self.dilation[-len(self.kernel) :]
        name += f"_stride{self.stride}" * (self.stride != 1)
        name += f"_groups{self.groups}" * (self.groups != 1)
        name += f"_dilation{'x'.join(map(str, dilation))}" * (set(dilation) != {1})
        return name + f"_border{'x'.join(map(str, self.border))}" * self.skips

    @property
    def image(self) -> bool:
        """Whether there are rows of rows: an axis H."""
        return len(self.kernel) == 2

    @property
    def whole(self) -> bool:
        """Whether all taps stand in one expression; else those of row i."""
        return prod(self.kernel) <= TOGETHER

    @property
    def skips(self) -> bool:
        """Whether rows of zeros are left out: where each row of taps has its turn."""
        plain = self.stride == 1 and self.dilation[0] == 1
        return self.image and not self.whole and plain and any(self.border)

    def over(self, moving: str, fixed: str, size: str) -> str:
        """Write a loop over h or i, in which row h + i of x is none of zeros."""
        if not self.skips:
            return f"for {moving} in range({size}):"
        top, bottom = self.border
        first = f"max(0, {top} - {fixed})"
        last = f"min({size}, x.shape[1] - {bottom} - {fixed})"
        return f"for {moving} in range({first}, {last}):"

    @cached_property
    def taps(self) -> list[tuple[str, int]]:
        """Row (as text) and column of each tap of one expression."""
        if not self.image:
            return [("", j) for j in range(self.kernel[0])]
        height, width = self.kernel
        rows = map(str, range(height)) if self.whole else ["i"]
        return [(i, j) for i in rows for j in range(width)]

    @property
    def terms(self) -> range:
        """The numbers of the taps."""
        return range(len(self.taps))

    def tap(self, array: str, n: int) -> str:
        """Write a tap of w or of its gradient."""
        i, j = self.taps[n]
        return f"{array}[o, c, {i}, {j}]" if self.image else f"{array}[o, c, {j}]"

    def shifted(self) -> Iterator[str]:
        """Write each tap's part of its row of x."""
        for n, (i, j) in enumerate(self.taps):
            down = _times(i, self.dilation[0])
            at = " + ".join(filter(None, [_times("h", self.stride), down]))
            along = j * self.dilation[-1]
            move = f" + {_times('N', along)}" if along else ""
            cut = f"start{move} : end{move}" if move else "start:end"
            channel = "first + c" if self.groups > 1 else "c"
            yield f"x{n} = rows[{channel}, {f'{at}, ' * self.image}{cut}]"


def _times(text: str, number: int) -> str:
    """Write a product; 0 and nothing are left out."""
    if text.isdigit():
        return str(int(text) * number) if text != "0" else ""
    return text if number == 1 or not text else f"{number} * {text}"


def convolution_text(rows: Rows) -> str:
    """Write the loop that cross-correlates x with w."""
    shape = "C, H, W, N" if rows.image else "C, L, N"
    inner = [f"w{n} = {rows.tap('w', n)}" for n in rows.terms]
    terms = [f"w{n} * x{n}[p]" for n in rows.terms]
    inner += [*rows.shifted(), "for p in range(total.size):"]
    depth = 5 + rows.image + (not rows.whole)
    inner += _indented(_sum("total[p] += ", terms, depth))
    if not rows.whole:
        inner = [rows.over("i", "h", str(rows.kernel[0])), *_indented(inner)]
    body = ["total[:] = 0", "for c in range(C):", *_indented(inner)]
    body = _tiled(body, f"total = sums[o, {'h, ' * rows.image}start:end]")
    if rows.image:
        body = ["for h in range(H):", *_indented(body)]
    lines = [
        f'"""Cross-correlate x ({shape}) with w: a tap is x, shifted."""',
        *_sizes(rows, "out", "sums", "w"),
        "for o in range(O):",
        *_indented([*_group(rows), *body]),
    ]
    name = f"def {NAME}(x, w, out):"
    return "\n".join([HEAD, name, *_indented(lines)])


def gradient_text(rows: Rows) -> str:
    """Write the loop that sums u times each shifted row of x: the gradient by w."""
    inner = [*rows.shifted(), _zeros("s", rows), "for p in range(row.size):"]
    inner += [f"{GAP}s{n} += row[p] * x{n}[p]" for n in rows.terms]
    inner += [f"t{n} += s{n}" for n in rows.terms]
    body = _tiled(inner, f"row = slopes[o, {'h, ' * rows.image}start:end]")
    if rows.image:
        body = [rows.over("h", "i", "H"), *_indented(body)]
    body = [_zeros("t", rows), *body]
    body += [f"{rows.tap('out', n)} = t{n}" for n in rows.terms]
    if not rows.whole:
        body = [f"for i in range({rows.kernel[0]}):", *_indented(body)]
    lines = [
        '"""Sum u times x, shifted by each tap: the gradient by the weights."""',
        *_sizes(rows, "u", "slopes", "out"),
        "zero = out.dtype.type(0)",
        "for o in range(O):",
        *_indented([*_group(rows), "for c in range(C):", *_indented(body)]),
    ]
    name = f"def {NAME}(x, u, out):"
    return "\n".join([HEAD, name, *_indented(lines)])


def _indented(lines: Iterable[str]) -> list[str]:
    return [GAP + line for line in lines]


def _zeros(stem: str, rows: Rows) -> str:
    return f"{' = '.join(f'{stem}{n}' for n in rows.terms)} = zero"


def _group(rows: Rows) -> list[str]:
    """Write where the channels of a result's group begin."""
    alone = rows.groups == 1
    return [] if alone else [f"first = o // (O // {rows.groups}) * C  # of its group"]


def _sizes(rows: Rows, result: str, name: str, weights: str) -> Iterator[str]:
    """Write the sizes, and x and a result as rows of all places and examples."""
    tall, axis = ("x.shape[1], ", 2) if rows.image else ("", 1)
    channels = "x.shape[0]" if rows.groups == 1 else f"{weights}.shape[1]"
    yield f"C, N = {channels}, x.shape[{axis + 1}]"
    yield f"{', '.join('OHL' if rows.image else 'OL')}, _ = {result}.shape"
    yield "length = L * N"
    every = "C" if rows.groups == 1 else "x.shape[0]"
    yield f"rows = x.reshape({every}, {tall}x.shape[{axis}] * N)"
    yield f"{name} = {result}.reshape(O, {'H, ' * rows.image}length)"


def _tiled(lines: Iterable[str], first: str) -> list[str]:
    """Put lines into a loop over parts of a row."""
    inside = [f"end = min(start + {TILE}, length)", first, *lines]
    return [f"for start in range(0, length, {TILE}):", *_indented(inside)]


def _sum(head: str, terms: list[str], depth: int) -> list[str]:
    """Write a sum on one line, or in parentheses on one, or a term a line."""
    text = " + ".join(terms)
    if len(GAP) * depth + len(head + text) <= WIDTH:
        return [head + text]
    if len(GAP) * (depth + 1) + len(text) <= WIDTH:
        return [f"{head}(", GAP + text, ")"]
    first, *others = terms
    return [f"{head}(", *_indented([first, *(f"+ {one}" for one in others)]), ")"]
