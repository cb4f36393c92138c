"""Executing a notebook, so that the same source gives the same bytes."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import tempfile
from importlib.metadata import version
from pathlib import Path

import nbformat
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbformat import NotebookNode

import engine

FOLDER = Path(__file__).parents[2] / "notebooks"
PATIENCE = 300  # seconds that a cell may take
FOREIGN = ("CI", "COV_", "PYTEST_", "REQUIRE_")  # variables that say who runs it, and not what
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


def notebooks() -> list[Path]:
    """Return the notebooks of the course, in its order."""
    return sorted(FOLDER.glob("*.ipynb"))


def read(path: Path) -> NotebookNode:
    """Return a notebook as it is in a file."""
    return nbformat.read(path, as_version=4)


def text_of(notebook: NotebookNode) -> str:
    """Return a notebook as its file holds it."""
    return nbformat.writes(notebook) + "\n"


def executed(notebook: NotebookNode, plain: bool = not engine.compiled) -> NotebookNode:
    """Return a notebook with the outputs that it has now.

    Args:
        notebook: its outputs, if any, are not looked at.
        plain: whether the engine runs in plain Python; else compiled, if it was.

    Raises:
        nbclient.exceptions.CellExecutionError: a cell raised.

    The kernel is that of this Python, imports this engine, and knows no settings of the user's.
    """
    fresh = cleaned(notebook)
    with tempfile.TemporaryDirectory() as home:
        environment = {
            **{name: told for name, told in os.environ.items() if not name.startswith(FOREIGN)},
            "IPYTHONDIR": home,
            "NO_COLOR": "1",
            "PYTHONPATH": str(Path(engine.__file__).resolve().parents[1]),
            "STEPGRAD_PLAIN": "1" if plain else "",
        }
        specs = KernelSpecManager(kernel_dirs=[])  # none but the one that ipykernel carries
        manager = AsyncKernelManager(
            kernel_name=KERNEL["name"],
            kernel_spec_manager=specs,
            transport="ipc",
            ip=f"{home}/kernel",
        )
        client = NotebookClient(
            fresh,
            km=manager,
            timeout=PATIENCE,
            record_timing=False,
            coalesce_streams=True,  # or what a cell prints falls apart where a clock ticks
            resources={"metadata": {"path": str(FOLDER)}},
        )
        client.execute(env=environment, cleanup_kc=True)  # and ends the kernel
    return cleaned(fresh, outputs=True)


def cleaned(notebook: NotebookNode, outputs: bool = False) -> NotebookNode:
    """Return a notebook without what differs from run to run.

    Args:
        notebook: is not changed.
        outputs: whether they stay.
    """
    fresh = nbformat.from_dict(notebook)
    fresh.metadata = nbformat.from_dict(
        {"made_with": made_with(), "kernelspec": KERNEL, "language_info": {"name": "python"}}
    )
    fresh.nbformat, fresh.nbformat_minor = 4, 5
    for cell in fresh.cells:
        cell.metadata = nbformat.from_dict({})
        if cell.cell_type == "code" and not outputs:
            cell.outputs, cell.execution_count = [], None
    return fresh


def made_with() -> dict[str, str]:
    """Return what the very bytes of outputs depend on: of pictures, and the last digit of sums."""
    program = shutil.which("dot")
    if program is None:
        graphviz = f"pygraphviz {version('pygraphviz')}"
    else:
        told = subprocess.run([program, "-V"], capture_output=True, text=True, check=True)
        graphviz = told.stderr.partition("version ")[2].split()[0]
    return {
        "graphviz": graphviz,
        "machine": " ".join((platform.system(), platform.machine(), *platform.libc_ver())),
        "matplotlib": version("matplotlib"),
        "pillow": version("pillow"),
        "python": ".".join(platform.python_version_tuple()[:2]),
    }
