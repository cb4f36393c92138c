"""The command line: python -m engine step | check | draw."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from engine.errors import EngineError
from engine.testing.nudging import nudge
from engine.view.drawing import draw
from engine.view.formatting import format_number
from engine.view.picture.picture import FORMATS
from engine.view.program import Program
from engine.view.stepper.steps import PASSES, steps
from engine.view.stepper.words import aligned

PROGRAM = "python -m engine"
WRONG, MISUSED, INTERRUPTED = 1, 2, 130
STANDARD_OUTPUT = "-"
DIGITS = 10  # of a gradient that is checked
FORMS = {"html": "a page to step through", "svg": "a moving picture", "json": "the steps as data"}
GRAMMAR = """an expression holds numbers, names, + - * / // % **, parentheses, functions as tanh(x)
and max(x, y), and the constants pi, inf and nan; it is never run as Python.

exit status: 0 done; 1 a gradient is wrong; 2 the call or an expression is wrong; 130 stopped"""
EXAMPLE = 'python -m engine {} "d*e" --let a=-2 b=3 d=a*b e=a+b'
EXAMPLES = "\n  ".join(
    [
        "examples:",
        EXAMPLE.format("step"),
        EXAMPLE.format("step") + " --html steps.html",
        EXAMPLE.format("check"),
        EXAMPLE.format("draw") + " -o graph.svg",
    ]
)


class Parser(argparse.ArgumentParser):
    """A parser whose errors say what a newcomer may have meant."""

    def error(self, message: str) -> NoReturn:
        """Leave with the message and the exit status of misuse."""
        if message.startswith("unrecognized") and "=" in message:
            message += " (names are given after --let, as --let a=2 b=3)"
        super().error(message)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that the arguments name, and return the exit status."""
    if sys.stdout is None:  # as after >&-
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115  (for as long as the process lives)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal may lack a character or two
    try:
        words = _guarded(sys.argv[1:] if arguments is None else arguments)
        if not words:
            parser().print_help(sys.stderr)
            return MISUSED
        options = parser().parse_args(words)
        status: int = options.run(options)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader, as head, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return _leave("stopped", INTERRUPTED)
    except EngineError as error:
        return _leave(f"error: {error}", MISUSED)
    except OSError as error:
        return _leave(f"error: {error.filename}: {error.strerror}", MISUSED)
    return status


def parser() -> argparse.ArgumentParser:
    """Return the parser of the commands."""
    root = Parser(
        prog=PROGRAM,
        description="See how the gradient of an expression comes about.",
        epilog=f"{EXAMPLES}\n\n{GRAMMAR}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    verbs = root.add_subparsers(metavar="step | check | draw", required=True)
    step = _verb(verbs, "step", "step through the backward pass, in the terminal or to a file")
    step.set_defaults(run=run_step)
    step.add_argument("--phase", choices=list(PASSES), default="backward", help="(backward)")
    step.add_argument("--lr", type=_rate, default=0.1, help="the learning rate of the update (0.1)")
    step.add_argument("--print", action="store_true", help="print all steps and leave")
    for form, what in FORMS.items():
        step.add_argument(f"--{form}", metavar="FILE", help=f"write {what} to a file")
    verify = _verb(verbs, "check", "compare every gradient with the slope that nudging shows")
    verify.set_defaults(run=run_check)
    picture = _verb(verbs, "draw", "draw the graph, with the gradients that backward() leaves")
    picture.set_defaults(run=run_draw)
    endings = ", ".join(f".{form}" for form in FORMATS)
    picture.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        help=f"a picture, by its ending one of {endings}; - writes SVG to the standard output; "
        "without -o the graph is printed as a tree",
    )
    return root


def run_step(options: argparse.Namespace) -> int:
    """Step through an expression, or write its steps to files."""
    result, _ = _program(options).graph()
    s = steps(result, options.phase, lr=options.lr)
    paths = [path for form in FORMS if (path := getattr(options, form)) is not None]
    for path in paths:
        s.save(path)
        print(f"wrote {path}: {s.summary}")
    if options.print or not (paths or sys.stdout.isatty()):
        s.print()
    elif not paths:
        s.play()
    return 0


def run_check(options: argparse.Namespace) -> int:
    """Compare the gradient of every leaf with the slope that nudging it shows."""
    program = _program(options)
    result, leaves = program.graph()
    result.backward()
    rows: list[tuple[str, ...]] = [
        ("leaf", "number", "backward()", "by nudging", "± about", "verdict")
    ]
    wrong = False
    for leaf in leaves:
        name = str(leaf.label)
        gradient = 0.0 if leaf.grad is None else leaf.grad

        def nudged(x: float, name: str = name) -> float:
            return program.number(program.leaves | {name: x})

        found = nudge(gradient, nudged, leaf.data)
        wrong = wrong or found.verdict == "WRONG"
        numbers = (gradient, found.numeric.value)
        digits = [format_number(x, DIGITS) for x in numbers]
        error = format_number(found.numeric.error, 1)
        rows.append((name, format_number(leaf.data), *digits, error, found.verdict))
    print(f"{result.label} = {format_number(result.data, DIGITS)}")
    print("\n".join(aligned(rows, indent="")))
    return WRONG if wrong else 0


def run_draw(options: argparse.Namespace) -> int:
    """Draw the graph of an expression, or print it as a tree."""
    result, _ = _program(options).graph()
    result.backward()
    picture = draw(result)
    if options.output is None:
        print(picture)
        if sys.stdout.isatty():
            print("for a picture: -o graph.svg, or .png, .pdf, .html", file=sys.stderr)
    elif options.output == STANDARD_OUTPUT:
        sys.stdout.buffer.write(picture.to_svg().encode())
    else:
        picture.save(options.output)
        print(f"wrote {options.output}")
    return 0


def _verb(
    verbs: argparse._SubParsersAction[Parser], name: str, what: str
) -> argparse.ArgumentParser:
    verb = verbs.add_parser(
        name,
        help=what,
        description=what[0].upper() + what[1:] + ".",
        epilog=f"example: {EXAMPLE.format(name)}{' -o x.svg' * (name == 'draw')}\n\n{GRAMMAR}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    verb.add_argument("expression", metavar="EXPR", help="what to differentiate, as d*e")
    verb.add_argument(
        "--let",
        metavar="NAME=EXPR",
        nargs="+",
        action="extend",
        default=[],
        help="names for EXPR and the NAMEs after it: a number is a leaf, all else a node",
    )
    return verb


def _program(options: argparse.Namespace) -> Program:
    return Program(options.expression, options.let)


def _rate(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no number") from None


def _guarded(arguments: Sequence[str]) -> list[str]:
    """Return the arguments with a space before what would pass for an option, as -a*b."""
    known = {"-h", "-o", "--", STANDARD_OUTPUT}
    return [
        f" {word}" if word[:1] == "-" and word[:2] != "--" and word not in known else word
        for word in arguments
    ]


def _leave(message: str, status: int) -> int:
    """Say why it ends, and return the exit status."""
    print(f"{PROGRAM}: {message}", file=sys.stderr)
    return status
