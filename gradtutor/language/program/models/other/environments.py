"""Environments of Gym by their names: how many numbers a state has, and an action."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gradtutor.language.program.array_values import Data
from gradtutor.language.program.models.stages import UNREAD
from gradtutor.language.program.values import Instance, Library

if TYPE_CHECKING:
    from gradtutor.language.program.walking.interpreter import Interpreter

#: An environment's name without its version: the sizes of a state (or how many states
#: there are), and of an action, as Gymnasium's documents give them.
ENVIRONMENTS: dict[str, tuple[tuple[int, ...] | int, tuple[int, ...] | int]] = {
    "CartPole": ((4,), 2), "MountainCar": ((2,), 3), "Acrobot": ((6,), 3),
    "Pendulum": ((3,), (1,)), "MountainCarContinuous": ((2,), (1,)),
    "LunarLander": ((8,), 4), "LunarLanderContinuous": ((8,), (2,)),
    "BipedalWalker": ((24,), (4,)), "BipedalWalkerHardcore": ((24,), (4,)),
    "CarRacing": ((96, 96, 3), (3,)), "FrozenLake": (16, 4), "FrozenLake8x8": (64, 4),
    "Taxi": (500, 6), "CliffWalking": (48, 4),
    "HalfCheetah": ((17,), (6,)), "Hopper": ((11,), (3,)), "Walker2d": ((17,), (6,)),
    "Swimmer": ((8,), (2,)), "Reacher": ((11,), (2,)), "InvertedPendulum": ((4,), (1,)),
    "InvertedDoublePendulum": ((11,), (1,)),
    "Breakout": ((210, 160, 3), 4), "Pong": ((210, 160, 3), 6),
    "BreakoutNoFrameskip": ((210, 160, 3), 4), "PongNoFrameskip": ((210, 160, 3), 6),
}  # fmt: skip
#: Other sizes in the newest versions.
NEWER = {"Reacher-v5": ((10,), (2,)), "InvertedDoublePendulum-v5": ((9,), (1,))}


def of_gym(
    run: Interpreter,
    called: Library,
    args: list[Any],
    keywords: Mapping[str, Any],
    node: Any,
) -> Any:
    """gym.make("CartPole-v1"): an environment whose sizes its documents give."""
    if called.root not in ("gym", "gymnasium") or called.name not in ("make", "vector"):
        return UNREAD
    given = args[0] if args else keywords.get("id", "")
    name = given if isinstance(given, str) else ""
    found = NEWER.get(name, ENVIRONMENTS.get(name.rpartition("/")[2].split("-")[0]))
    if found is None:
        return UNREAD
    state, action = map(_space, found)
    run.pass_over(called.path, node)
    names: dict[str, Any] = {"observation_space": state, "action_space": action}
    single = {f"single_{key}": value for key, value in names.items()}
    pair = called.root == "gymnasium" or _takes_two(run)
    names |= {"__state__": state.names["shape"], "__pair__": pair}
    return Instance(None, {**names, **single})


def _takes_two(run: Interpreter) -> bool:
    """Whether the text takes what ``reset`` gives apart: ``state, info = reset()``."""
    for node in ast.walk(run.source.tree):
        match node:
            case ast.Assign(
                targets=[ast.Tuple(elts=[_, _])],
                value=ast.Call(func=ast.Attribute(attr="reset")),
            ):
                return True
    return False


def state_of(owner: Instance) -> Any:
    """Return what ``env.reset()`` gives: a state, with what else there is to know."""
    state = Data(owner.names["__state__"])
    return (state, Data()) if owner.names["__pair__"] else state


def after_step(owner: Instance) -> Any:
    """Return what ``env.step(action)`` gives: the next state, the reward, the end."""
    state = Data(owner.names["__state__"])
    rest = 4 if owner.names["__pair__"] else 3
    return (state, *(Data(()) for _ in range(rest)))


def _space(size: tuple[int, ...] | int) -> Instance:
    """Return a space of vectors, with their shape, or one of so many choices."""
    if isinstance(size, int):
        return Instance(None, {"n": size, "shape": ()})
    return Instance(None, {"shape": size})
