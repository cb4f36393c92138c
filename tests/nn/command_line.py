"""The command line in processes of its own, and a table to learn from."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import engine

# Two clouds of points that a line parts.
POINTS = [(i % 7 / 7 + (i % 2) * 2, i % 5 / 5) for i in range(60)]
TABLE = "id,x,y,kind\n" + "".join(
    f"row{i},{x},{y},{'right' if i % 2 else 'left'}\n" for i, (x, y) in enumerate(POINTS)
)

TRAIN_TABLE = ["train", "--csv", "table.csv", "--target", "kind", "--ignore", "id"]


class CommandLine:
    """Runs `python -m nn` in processes of their own."""

    def __init__(self) -> None:
        packages = str(Path(engine.__file__).resolve().parents[1])
        plain = "" if engine.compiled else "1"
        self.command = [sys.executable, "-m", "nn"]
        self.environment = {**os.environ, "PYTHONPATH": packages, "STEPGRAD_PLAIN": plain}

    def run(self, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run it in a folder to its end."""
        return subprocess.run(
            [*self.command, *arguments],
            cwd=folder,
            env=self.environment,
            capture_output=True,
            text=True,
        )

    def start(self, folder: Path, *arguments: str) -> subprocess.Popen[str]:
        """Start it in a folder; it hears Ctrl-C, to which a background starts programs deaf."""
        ours = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:  # a program starts with what its parent ignores, and with the default for all else
            return subprocess.Popen(
                [*self.command, *arguments],
                cwd=folder,
                env=self.environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        finally:
            signal.signal(signal.SIGINT, ours)

    def trained(self, folder: Path, *arguments: str) -> Path:
        """Run it in a folder, keep what it printed in a file there, and return the folder."""
        done = self.run(folder, *arguments)
        assert (done.returncode, done.stderr) == (0, "")
        write(folder, done.stdout, "stdout")
        return folder


def write(folder: Path, content: str, name: str = "table.csv") -> None:
    """Write a file in a folder."""
    (folder / name).write_text(content, encoding="utf-8")
