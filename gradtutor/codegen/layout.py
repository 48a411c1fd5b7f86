"""How a batch lies in memory, and the text that brings rows of data into that form."""

from __future__ import annotations

from dataclasses import dataclass

from gradtutor.gates import Shape, show_shape
from gradtutor.graph import Graph


@dataclass(frozen=True)
class Layout:
    """The axes of X: rows (N, F), images (C, H, W, N), or a sequence (T, N, F)."""

    shape: Shape

    @property
    def kind(self) -> str:
        """``rows``, ``images`` (signals too) or ``sequence``."""
        if len(self.shape) == 2:
            return "rows"
        return "images" if self.shape[-1] == "N" else "sequence"

    def texts(self, graph: Graph, answer: str) -> dict[str, str]:
        """Return what the template says about the layout."""
        target = graph.nodes["y"]["shape"]
        sizes = ", ".join(str(size) for size in self.shape if size != "N")
        if self.kind == "sequence":
            take = f"X[rows].reshape(-1, {sizes}).transpose(1, 0, 2).copy()"
        else:
            take = f"np.ascontiguousarray(X[rows].T).reshape({sizes}, -1)"
        axis = {"rows": "0", "images": "-1", "sequence": "1"}[self.kind]
        sizes_of_y = ", ".join(str(size) for size in target if size != "N")
        last = len(target) > 2
        rank = len(graph.nodes[answer]["shape"])
        whole = f".reshape({_count(graph, answer)}, -1).T" if rank > 2 else ""
        if self.kind == "rows" and rank != 2:
            whole = ".reshape(len(X), -1)"
        return {
            "layout": self.kind,
            "input_shape": show_shape(self.shape),
            "batch_axis": axis,
            "take_X": take,
            "target_shape": f"{sizes_of_y}, -1" if last else "",
            "answer_rows": whole,
            "shard_index": {"rows": "part", "images": "..., part",
                            "sequence": ":, part"}[self.kind],
            "shard_target": "np.ascontiguousarray(y[..., part])" if last else "y[part]",
        }  # fmt: skip


def _count(graph: Graph, answer: str) -> int:
    total = 1
    for size in graph.nodes[answer]["shape"]:
        total *= size if isinstance(size, int) else 1
    return total
