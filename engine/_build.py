"""Compile the core with mypyc at install; without a C compiler it stays plain Python."""

from __future__ import annotations

import os
import runpy
from pathlib import Path

from setuptools import Extension
from setuptools.command.build_ext import build_ext

ENGINE = Path("engine")


class BuildCore(build_ext):  # type: ignore[misc]  # setuptools has no types
    """Builds the modules of `engine._core.MODULES` as one shared library."""

    extensions: list[Extension]

    def run(self) -> None:
        """Build all extensions or none: a module without the library it shares cannot load.

        mypyc replaces the one extension that pyproject.toml names only now, because the other
        steps of an installation finalize this command without running it.
        """
        try:
            self.distribution.ext_modules = compile_core()
            self.swig_opts = None  # finalizing parses it, and may not parse the result again
            self.finalize_options()
            super().run()
        except (Exception, SystemExit) as error:  # mypyc leaves by sys.exit()
            self.warn(f"the core stays plain Python, for compiling it failed: {error}")
            for extension in self.extensions:
                Path(self.get_ext_fullpath(extension.name)).unlink(missing_ok=True)
            self.extensions = []


def compile_core() -> list[Extension]:
    """Translate the core to C and return its extensions."""
    from mypyc.build import mypycify

    core = runpy.run_path(str(ENGINE / "_core.py"))
    sources = [str(ENGINE / f"{module}.py") for module in core["MODULES"]]
    extensions: list[Extension] = mypycify(
        ["--config-file=", "--ignore-missing-imports", *sources],  # strictness is for the linters
        opt_level="3",
        debug_level="0",
        group_name=core["library"](ENGINE).removesuffix("__mypyc"),
    )
    shared = next(extension for extension in extensions if extension.name.endswith("__mypyc"))
    complete = runpy.run_path(str(ENGINE / "_c_source.py"))["complete"]
    complete(Path(shared.sources[0]), [Path(source) for source in sources])
    # mypyc's own deallocation loses memory safety on deep graphs, and its allocation costs more the
    # larger a graph is; the headers say why.
    headers = [str((ENGINE / header).resolve()) for header in ("_trashcan.h", "_chunks.h")]
    shared.extra_compile_args = [
        *shared.extra_compile_args,  # which other extensions hold too
        *(f"-include{header}" for header in headers),
    ]
    if os.name != "nt":  # contracting a·b + c would round once less than plain Python does
        shared.extra_compile_args.append("-ffp-contract=off")
    return extensions
