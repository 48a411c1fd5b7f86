"""Write gradtutor's training script of a benchmark network.

python benchmarks/peers/write_script.py lenet --backend numpy lenet.py

Prints how many threads the script gives BLAS on an idle machine.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

from networks import LEARNING_RATE, NETWORKS, Network

from gradtutor.codegen import ScriptData, Settings, training_script
from gradtutor.codegen.script.threads import LARGE, largest_product
from gradtutor.language import parse_network

LOADER = '''def load_nothing():
    """The benchmark makes its own batches."""
    raise SystemExit("this script is for the benchmark")


def split(X, y, test_fraction, seed):
    """Return everything for training."""
    return X, y, X, y'''


def write(path: Path, network: Network, **settings: Any) -> None:
    """Write the script of a network; settings are those of `Settings`."""
    classes = 10 if network.loss == "cross_entropy" else None
    graph = parse_network(network.text, classes=classes)
    data = ScriptData("noise", LOADER, "load_nothing()", 1, classes, "Random numbers.")
    chosen = Settings(batch_size=network.batch, learning_rate=LEARNING_RATE, **settings)
    path.write_text(training_script(graph, data, chosen), encoding="utf-8")


def main() -> None:
    """Write one script."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("name", choices=NETWORKS)
    parser.add_argument("path", type=Path)
    parser.add_argument("--backend", default="numpy")
    parser.add_argument("--threads", type=int, default=0)
    options = parser.parse_args()
    network = NETWORKS[options.name]
    write(options.path, network, backend=options.backend, threads=options.threads)
    large = largest_product(parse_network(network.text), network.batch) >= LARGE
    print(len(os.sched_getaffinity(0)) if large and not options.threads else 1)


if __name__ == "__main__":
    main()
