"""The conditions of a run."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Any

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
PACKAGES = ("numpy", "torch", "jax", "jaxlib", "micrograd")


def limit_threads() -> None:
    """Hold every numerical library of this process and of its children to one thread."""
    for name in THREADS:
        os.environ[name] = "1"
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"
    os.environ["JAX_PLATFORMS"] = "cpu"


def engine_compiled() -> bool | None:
    """Tell whether stepgrad's core is compiled; None where it cannot be imported."""
    try:
        from engine import compiled
    except ImportError:
        return None
    return bool(compiled)


def installed_version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def describe() -> dict[str, Any]:
    """Give versions and machine, without a date."""
    return {
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "machine": platform.machine(),
        "cpus": os.cpu_count(),
        "threads": 1,
        "engine_compiled": engine_compiled(),
        "packages": {package: installed_version(package) for package in PACKAGES},
    }
