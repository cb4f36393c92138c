"""What the tests of the command line share: folders in which it has been run."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import TABLE, TRAIN_TABLE, CommandLine, write


@pytest.fixture(scope="session")
def cli() -> CommandLine:
    """Return the command line."""
    return CommandLine()


@pytest.fixture(scope="session")
def xor(cli: CommandLine, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder in which xor was trained."""
    return cli.trained(tmp_path_factory.mktemp("xor"), "train", "xor")


@pytest.fixture(scope="session")
def table(cli: CommandLine, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder in which a CSV file was trained."""
    folder = tmp_path_factory.mktemp("table")
    write(folder, TABLE)
    return cli.trained(folder, *TRAIN_TABLE)
