"""Whether the compiled core may run: only if it was compiled from the very sources beside it.

The build puts a digest of the sources into the name of the shared library. If an edited source no
longer has that digest, as after a change in an editable install, its compiled form is passed over.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import sys
import warnings
from importlib.abc import MetaPathFinder
from importlib.machinery import EXTENSION_SUFFIXES, ModuleSpec
from pathlib import Path

MODULES = (
    "node",
    "modes",
    "graph",
    "methods",
    "scalar",
    "value",
    "copying",
    "quiet",
    "array_methods",
    "array_node",
    "tensor",
    "bridge",
)
HOW = ("_build.py", "_c_source.py", "_chunks.h", "_trashcan.h")
"""The files that say how the modules are compiled."""


def library(directory: Path) -> str:
    """Return the module name of the shared library that the sources in a directory compile to."""
    digest = hashlib.sha256()
    for source in [*(f"{module}.py" for module in MODULES), *HOW]:
        digest.update((directory / source).read_bytes())
    return f"engine.core_{digest.hexdigest()[:16]}__mypyc"


class PlainFinder(MetaPathFinder):
    """Finds the core's modules as Python sources, although extension modules lie beside them."""

    def find_spec(self, fullname: str, path: object, target: object = None) -> ModuleSpec | None:
        """Return the spec of a module of the core, None for any other."""
        package, _, module = fullname.rpartition(".")
        if package != "engine" or module not in MODULES:
            return None
        source = Path(__file__).with_name(f"{module}.py")
        return importlib.util.spec_from_file_location(fullname, source)


def choose() -> bool:
    """Return whether the core runs compiled, and make the imports that follow do so.

    The environment variable STEPGRAD_PLAIN=1 asks for plain Python.
    """
    directory = Path(__file__).parent
    present = any((directory / f"value{suffix}").exists() for suffix in EXTENSION_SUFFIXES)
    if not present:
        return False
    wanted = os.environ.get("STEPGRAD_PLAIN", "") in ("", "0")
    if wanted and importlib.util.find_spec(library(directory)) is not None:
        return True
    sys.meta_path.insert(0, PlainFinder())
    if wanted:
        warnings.warn(
            f"the core in {directory} has changed since it was compiled and runs as plain Python; "
            "install stepgrad again to compile it",
            RuntimeWarning,
            stacklevel=3,
        )
    return False
