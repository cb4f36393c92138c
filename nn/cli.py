"""The command line: python -m nn train | predict | evaluate."""

from __future__ import annotations

import argparse
import dataclasses
import io
import os
import sys
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import NoReturn

from engine.errors import EngineError, NonFiniteError
from nn import commands
from nn.activations import ACTIVATIONS
from nn.backends import BACKENDS
from nn.datasets import DATASETS
from nn.errors import unknown
from nn.init import SEEDS
from nn.recipes import Recipe
from nn.source import Source, sha256_of

PROGRAM = "python -m nn"
FAILED, MISUSED, INTERRUPTED = 1, 2, 130
STATUS = """exit status: 0 done; 1 the training failed; 2 the call or a file is wrong;
130 stopped by Ctrl-C: train keeps and saves the best model so far, a second Ctrl-C stops at once"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that the arguments name, and return the exit status."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal may lack a character or two
    try:
        options = parser().parse_args(arguments)
        interrupted = options.run(options)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader, as head, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return leave("stopped", INTERRUPTED)
    except NonFiniteError as error:
        return leave(f"error: {error}", FAILED)
    except EngineError as error:
        return leave(f"error: {error}", MISUSED)
    except OSError as error:
        return leave(f"error: {error.filename}: {error.strerror}", MISUSED)
    return INTERRUPTED if interrupted else 0


def leave(message: str, status: int) -> int:
    """Say in one line why it ends, and return the exit status."""
    print(f"{PROGRAM}: {' '.join(message.split())}", file=sys.stderr)
    return status


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        """Leave with the line."""
        self.exit(MISUSED, f"{self.prog}: error: {message} (--help shows the usage)\n")


def parser() -> Parser:
    """Return the parser of the three commands."""
    root = Parser(
        prog=PROGRAM,
        description="Train networks of scalars, see how well they learned, and use them.",
        epilog=STATUS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    verbs = root.add_subparsers(metavar="train | predict | evaluate", required=True)
    add_train(
        verbs.add_parser(
            "train",
            help="train an MLP and save it",
            description="Train an MLP and save it. What no option says is as nn/recipes.py has it.",
            allow_abbrev=False,
        )
    )
    predict = verbs.add_parser("predict", help="use a saved model", allow_abbrev=False)
    predict.add_argument("folder", type=Path, metavar="DIR", help="where train saved the model")
    predict.add_argument(
        "--csv", type=Path, metavar="FILE", help="rows to predict; prints them as CSV"
    )
    predict.set_defaults(run=lambda options: commands.predict(options.folder, options.csv))
    evaluate = verbs.add_parser("evaluate", help="test a saved model again", allow_abbrev=False)
    evaluate.add_argument("folder", type=Path, metavar="DIR", help="where train saved the model")
    evaluate.set_defaults(run=lambda options: commands.evaluate(options.folder))
    return root


def add_train(train: argparse.ArgumentParser) -> None:
    """Give a parser the arguments of train."""
    train.add_argument(
        "dataset", nargs="?", type=choice("data set", DATASETS), help=" | ".join(DATASETS)
    )
    train.add_argument("--csv", metavar="FILE", help="your own table, its columns named in line 1")
    train.add_argument("--target", metavar="COLUMN", help="the column of FILE to learn")
    train.add_argument(
        "--ignore", metavar="COLUMN", nargs="+", default=[], help="columns of FILE to leave out"
    )
    train.add_argument(
        "--task",
        default="auto",
        type=choice("task", ("auto", "classification", "regression")),
        help="auto (default): numbers of more than 20 values are a regression",
    )
    train.add_argument(
        "--hidden", type=whole, nargs="+", metavar="WIDTH", help="neurons of each hidden layer"
    )
    train.add_argument(
        "--activation", type=choice("activation", ACTIVATIONS), help=" | ".join(ACTIVATIONS)
    )
    train.add_argument("--epochs", type=whole, metavar="N", help="passes over the samples")
    train.add_argument("--batch-size", type=whole, metavar="N", help="samples a step")
    train.add_argument("--lr", type=float, metavar="X", help="learning rate")
    train.add_argument("--momentum", type=float, metavar="X", help="from 0 to below 1")
    train.add_argument(
        "--seed", type=seed, default=0, metavar="N", help="same seed, same bits (default 0)"
    )
    train.add_argument(
        "--backend",
        default="auto",
        type=choice("backend", BACKENDS),
        help="tensor: whole batches; value: number by number; auto (default): tensor where it can",
    )
    train.add_argument("--output", type=Path, metavar="DIR", help="default: runs/NAME")
    train.add_argument(
        "--report", action="store_true", help="write a report.html, too: a page to look at"
    )
    train.set_defaults(run=lambda options: run_train(train, options))


def run_train(train: argparse.ArgumentParser, options: argparse.Namespace) -> bool:
    """Train as the options say; tell whether Ctrl-C ended it."""
    if (options.dataset is None) == (options.csv is None):
        train.error(f"name one data set ({' | '.join(DATASETS)}) or give --csv FILE")
    if options.csv is None and (options.target is not None or options.ignore):
        train.error("--target and --ignore are for --csv FILE")
    if options.csv is not None and options.target is None:
        train.error("--csv needs --target COLUMN, the column to learn")
    source = Source(
        name=options.dataset,
        csv=options.csv,
        target=options.target or "",
        ignore=tuple(options.ignore),
        task=options.task,
        sha256=sha256_of(options.csv) if options.csv else "",
        seed=options.seed,
    )
    choices = {
        field.name: getattr(options, field.name)
        for field in dataclasses.fields(Recipe)
        if getattr(options, field.name) is not None
    }
    folder = options.output or Path("runs", options.dataset or Path(options.csv).stem)
    return commands.train(source, choices, folder, options.report, options.backend)


def choice(kind: str, names: Collection[str]) -> Callable[[str], str]:
    """Return an argument type that takes one of the names."""

    def parse(text: str) -> str:
        if text not in names:
            raise argparse.ArgumentTypeError(str(unknown(kind, text, names)))
        return text

    return parse


def whole(text: str) -> int:
    """Return an argument as a whole number."""
    try:
        return int(text)
    except ValueError:
        place = " (the data set's name comes before the options)" if text in DATASETS else ""
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number{place}") from None


def seed(text: str) -> int:
    """Return an argument as a seed."""
    number = whole(text)
    if not 0 <= number < SEEDS:
        raise argparse.ArgumentTypeError(f"a seed is from 0 to {SEEDS - 1}, got {number}")
    return number
