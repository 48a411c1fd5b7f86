"""The tables that gpu_step.py prints."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import Any

#: In what products are computed: 16 bits mean mixed precision, everybody's own.
PRECISIONS = ("float32", "tf32", "bfloat16", "float16")
#: Our contenders and their modes.
OURS = {
    "gradtutor": "graph",
    "gradtutor --no-graph": "no-graph",
    "gradtutor --conv cudnn": "graph",
    "gradtutor --conv implicit": "graph",
    "gradtutor --ties right": "graph",  # ReLU's gradient in the library's products
}


@dataclass(frozen=True)
class Variant:
    """A script with other options: for which networks and precisions, what it needs."""

    networks: tuple[str, ...]
    settings: dict[str, str]
    package: str = "cupy"
    precisions: tuple[str, ...] = PRECISIONS

    def goes_with(self, name: str, precision: str) -> bool:
        """Whether it differs from the plain script of a network."""
        return name.startswith(self.networks) and precision in self.precisions


#: The networks that convolve images.
IMAGES = ("lenet", "cnn", "resnet")
#: By the last word of the contender's name.
VARIANTS = {
    "cudnn": Variant(IMAGES, {"conv": "cudnn"}, "cudnn"),
    "implicit": Variant(IMAGES, {"conv": "implicit"}, precisions=("float32",)),
    "right": Variant(("mlp",), {"ties": "right"}),
}
#: Whom the first of ours is compared with, in words.
AIMS = {
    "torch.compile": "PyTorch compile (Adam eager)",
    "torch.compile of the whole step": "PyTorch compile, whole step",
    "the whole-step graph": "PyTorch graph",
}
Rows = dict[str, dict[str, Any]]


def device_line(facts: dict[str, Any], precision: str) -> str:
    """Return one line that names device, driver, versions and precision."""
    driver = f"driver {facts['driver']}, " if facts.get("driver") else ""
    return (
        f"{facts['device']} (compute capability {facts['compute_capability']}, "
        f"{facts['multiprocessors']} multiprocessors), {driver}"
        f"CUDA {facts['cuda_runtime']} (driver's {facts['cuda_driver']}), "
        f"CuPy {facts['cupy']}; {precision}"
    )


def kind_of(contender: str) -> str:
    """Return the script that one of ours runs: a variant's, or the plain one."""
    word = contender.rpartition(" ")[2]
    return word if word in VARIANTS else ""


def fault(check: dict[str, Any], kind: str) -> str:
    """Return why a script is not to be timed: its check failed, or found it wrong."""
    if "skipped" in check:
        return f"its check: {check['skipped']}"
    for key, found in check.get("precisions", {}).items():
        if key.rpartition(" ")[0] == kind and not found.get("right"):
            words = found.get("skipped") or f"WRONG in {key} ({found['worst']} most)"
            return f"its check: {words}"
    return ""


def check_table(checks: dict[str, dict[str, Any]]) -> list[str]:
    """Return the lines of the check: the largest relative differences from float64."""
    kinds = ("loss", "gradients", "move")
    lines = [
        "three steps against float64 NumPy: largest relative differences",
        f"  {'':<22}{'computed in':>12}" + "".join(f"{kind:>11}" for kind in kinds),
    ]
    for name, check in checks.items():
        if "skipped" in check:
            lines.append(f"  {name:<22}  skipped: {check['skipped']}")
        for precision, found in check.get("precisions", {}).items():
            if "skipped" in found:
                lines.append(
                    f"  {name:<22}{precision:>12}  skipped: {found['skipped']}"
                )
                name = ""
                continue
            numbers = "".join(f"{found[kind]:>11.1e}" for kind in kinds)
            verdict = "ok" if found["right"] else f"WRONG ({found['worst']} most)"
            lines.append(f"  {name:<22}{precision:>12}{numbers}  {verdict}")
            name = ""  # said once
    return lines


def medians(rows: Rows) -> dict[str, float]:
    """Return the median over rounds of each round's median, µs a step."""
    return {
        contender: statistics.median(map(statistics.median, row["rounds"]))
        for contender, row in rows.items()
        if "skipped" not in row
    }


def timing_table(name: str, rows: Rows) -> list[str]:
    """Return the lines of one network's table."""
    found = medians(rows)
    peers = [time for contender, time in found.items() if contender not in OURS]
    best = min(peers, default=float("nan"))
    lines = [
        name,
        f"  {'':<30}{'median µs':>11}{'best µs':>11}{'× best peer':>13}{'kernels':>9}"
        f"{'setup s':>9}",
    ]
    for contender, row in rows.items():
        if "skipped" in row:
            lines.append(f"  {contender:<30}  skipped: {row['skipped']}")
            continue
        kernels = row.get("kernels")
        lines.append(
            f"  {contender:<30}{found[contender]:>11,.1f}"
            f"{min(map(min, row['rounds'])):>11,.1f}{best / found[contender]:>12.2f}x"
            f"{'-' if kernels is None else f'{kernels:.0f}':>9}"
            f"{row['setup_s']:>9.1f}"
        )
    return [*lines, *kernel_lines(rows, found), *aim_lines(found)]


def kernel_lines(rows: Rows, found: dict[str, float]) -> list[str]:
    """Return what our products and fused kernels take of a step."""
    ours = next(iter(OURS))
    if ours not in found:
        return []
    row, step = rows[ours], found[ours]
    fused = row["fused"]
    return [
        f"  products alone {row['products_us']:,.1f} µs, "
        f"{row['products_us'] / step:.0%} of the step",
        f"  {fused['kernels']} fused kernels alone {fused['us']:,.1f} µs, "
        f"{fused['bytes'] / fused['us'] / 1e3:,.0f} GB/s; "
        f"copies of as many bytes {fused['bytes'] / fused['copy_us'] / 1e3:,.0f} GB/s",
    ]


def aim_lines(found: dict[str, float]) -> list[str]:
    """Return how many times as fast as the peers that the aims name."""
    ours = found.get(next(iter(OURS)))
    parts = [
        f"{found[peer] / ours:.2f} times as fast as {words}"
        for words, peer in AIMS.items()
        if ours and peer in found
    ]
    return [f"  gradtutor is {' and '.join(parts)}"] if parts else []
