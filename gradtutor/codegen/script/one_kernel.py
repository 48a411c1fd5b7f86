"""What a script's template says of a step that is one kernel."""

from __future__ import annotations

from typing import Any

from gradtutor.codegen.backends import BACKENDS
from gradtutor.codegen.gpu.one_kernel import OneKernelError, Update, one_kernel
from gradtutor.codegen.layout import Layout
from gradtutor.codegen.optimisers import optimiser_plan
from gradtutor.codegen.optimisers.device import Places, element_lines, number_lines
from gradtutor.codegen.settings import Settings
from gradtutor.codegen.step import step_program
from gradtutor.graph import Graph, inputs, network_of
from gradtutor.messages import tr


def one_kernel_facts(graph: Graph, settings: Settings) -> dict[str, Any]:
    """Return the kernel's text and the memory that it works in.

    Raises
    ------
    OneKernelError
        When the network or a setting is not for one kernel.
    """
    if not settings.one_kernel:
        return {}
    check_one_kernel(graph, settings)
    reference, program, _ = step_program(graph, settings)
    plan = optimiser_plan(settings)
    update = Update(
        plan.entry.state,
        tuple(number_lines(plan, places=Places("done + step + 1"))),
        tuple(element_lines(plan)),
    )
    found = one_kernel(program, reference, update, settings.step_batch)
    return {
        "kernel": found.text.rstrip(),
        "kernel_memory": f"{found.per_example} * N + {found.fixed}",
        "kernel_blocks": found.blocks,
    }


def check_one_kernel(graph: Graph, settings: Settings) -> None:
    """Refuse what one kernel does not have, before anything is written."""
    refused = {
        f"--backend {settings.backend}": not BACKENDS[settings.backend].on_gpu,
        f"--precision {settings.precision}": settings.precision != "float32",
        "--parallel": bool(settings.parallel),
        "--clip": bool(settings.clip),
        "--shift": bool(settings.shift),
        f"--conv {settings.conv}": settings.conv != "windows",
        "--products nvmath": settings.products != "ctypes",
        "Dropout": bool(inputs(graph, "mask")),
        "BatchNorm": bool(network_of(graph)["statistics"]),
        tr("images or sequences"): Layout(graph.nodes["X"]["shape"]).kind != "rows",
    }
    found = [name for name, there in refused.items() if there]
    if found:
        raise OneKernelError(
            tr(
                "--one-kernel is for a network of rows in float32 with --backend cupy, "
                "and does not go with {what}",
                what=", ".join(found),
            )
        )
