"""A contender in a process of its own, so that none disturbs another's memory or collector."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from multiprocessing.connection import Connection
from typing import Any

from .contender import Contender


class ContenderError(Exception):
    """A contender cannot go on; the message says why."""


def missing_module(names: Sequence[str]) -> str | None:
    """Give the first of the modules that is not installed, without importing any of them."""
    for name in names:
        try:
            found = find_spec(name)
        except ModuleNotFoundError:
            found = None
        if found is None:
            return name
    return None


def serve(pipe: Connection, module: str, index: int, smoke: bool) -> None:
    """Build a contender, then give its answers and run its cases on request."""
    contender: Contender = import_module(module).WORKLOAD.contenders[index]
    try:
        if contender.plain:
            os.environ["STEPGRAD_PLAIN"] = "1"  # read at the import of the engine, by build()
        program = contender.build(smoke)
        pipe.send((True, tuple(program.cases)))
        while True:
            request = pipe.recv()
            pipe.send((True, program.cases[request]() if request else program.answers()))
    except EOFError:
        return  # the runner has closed its end
    except Exception as error:
        pipe.send((False, f"{type(error).__name__}: {error}"))


class Worker:
    """The runner's end of a contender's process."""

    def __init__(self, module: str, index: int, smoke: bool) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        arguments = (theirs, module, index, smoke)
        self._process = context.Process(target=serve, args=arguments, daemon=True)
        self._process.start()
        theirs.close()
        self.cases: tuple[str, ...] = ()

    def start(self) -> None:
        """Wait until the contender is built, and learn its cases."""
        self.cases = self._receive()

    def answers(self) -> list[float]:
        """Ask for the numbers that all contenders must share."""
        self._pipe.send("")
        answers: list[float] = self._receive()
        return answers

    def measure(self, case: str) -> dict[str, float | str]:
        """Ask for one repeat of a case."""
        self._pipe.send(case)
        measurement: dict[str, float | str] = self._receive()
        return measurement

    def close(self) -> None:
        """End the process."""
        self._pipe.close()
        self._process.join()

    def _receive(self) -> Any:
        try:
            well, payload = self._pipe.recv()
        except EOFError:
            self._process.join()
            raise ContenderError(
                f"its process ended with status {self._process.exitcode}"
            ) from None
        if not well:
            raise ContenderError(payload)
        return payload
