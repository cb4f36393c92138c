"""What pytest makes of gradtest: names, outcomes, options, and what a failure shows."""

from __future__ import annotations

import itertools
from functools import partial
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st

import engine
from engine import NumberError, OperandError, Value, primitive
from engine.op import Kink
from engine.testing import GradientError, gradtest
from engine.testing.gradtests import EXAMPLES
from engine.testing.strategies import tensors, values
from tests.testing.primitives import cube, wrong_cube

pytest_plugins = "pytester"

PLUGIN = "engine.testing.plugin._stepgrad_pytest"
OPTIONS = ["-p", "no:cacheprovider"]
if find_spec("_stepgrad_pytest") is None:
    OPTIONS += ["-p", PLUGIN]


@pytest.fixture(autouse=True, scope="module")
def preloaded() -> None:
    """Import all that a battery needs: pytester forgets the modules that a run in it imports, and
    a second mpmath beside the first computes with other digits."""
    gradtest(engine.tanh).run(5)


@pytest.fixture
def run(pytester: pytest.Pytester) -> Any:
    """Return a function that runs the tests of a file, with 10 examples each."""

    def run(source: str, *options: str) -> pytest.RunResult:
        pytester.makepyfile(source)
        return pytester.runpytest_inprocess(*OPTIONS, "--grad-examples=10", *options)

    return run


# ----- Names and outcomes --------------------------------------------------------------------

RIGHT = """
    import engine
    from engine import exp, primitive, tanh
    from engine.testing import gradtest

    test_tanh = gradtest(engine.tanh)
    rectifier = gradtest(engine.relu, order=1)

    @gradtest
    @primitive(lambda out, x: 3 * x * x)
    def cube(x):
        return x * x * x

    @gradtest(order=1)
    def loss(x, y):
        return exp(tanh(x) * y) + cube(x)

    def test_cube_can_be_called():
        assert cube(2.0) == 8.0

    class TestMore:
        total = gradtest(engine.sum, order=1)
"""
NAMES = [
    *("tanh[domain]", "tanh[second]", "tanh[programs]", "tanh[values]", "tanh[nan]"),
    "tanh[side effects]",
    *("relu[domain]", "relu[programs]", "relu[values]", "relu[kink=0]", "relu[kink=nan]"),
    *("relu[nan]", "relu[side effects]"),
    *("cube[domain]", "cube[second]", "cube[programs]", "cube[values]", "cube[nan]"),
    "cube[side effects]",
    *("loss[domain]", "loss[side effects]", "test_cube_can_be_called"),
    *("TestMore::sum[domain]", "TestMore::sum[programs]", "TestMore::sum[values]"),
    "TestMore::sum[side effects]",
]


def test_names_are_readable(run: Any) -> None:
    listed = run(RIGHT, "--collect-only", "-q")
    file = "test_names_are_readable.py"
    assert [line for line in listed.outlines if "::" in line] == [f"{file}::{n}" for n in NAMES]


def test_right_gradients_pass(run: Any) -> None:
    run(RIGHT).assert_outcomes(passed=len(NAMES))


def test_a_case_is_chosen_by_its_name(run: Any) -> None:
    run(RIGHT, "-k", "relu and kink").assert_outcomes(passed=2, deselected=len(NAMES) - 2)


WRONG = """
    from engine import add, primitive
    from engine.testing import gradtest

    @gradtest(order=1)
    @primitive(lambda out, x: 3.0003 * x * x)
    def cube(x):
        return x * x * x

    @gradtest(order=1)
    def loss(x, y):
        return x * y + cube(y)
"""


def test_a_wrong_gradient_shows_the_report_and_the_smallest_program(run: Any) -> None:
    done = run(WRONG, "--grad-examples=40")
    done.assert_outcomes(failed=3, passed=4)
    text = done.stdout.str()
    done.stdout.fnmatch_lines(
        [
            "cube: GRADIENTS ARE WRONG (1 derivative of order 1 against complex step)",
            "*the derivative of cube(1.0) is 3.0, not 3.0003",
            "Fa*: cube_programs(",  # each version of Hypothesis calls it something else
            "from engine import Value",
            "from test_a_wrong_gradient_shows_the_report_and_the_smallest_program import cube",
            "v0 = Value(1.0)",
            "v1 = cube(v0),",
            "*test_a_wrong_gradient*.py:11: return x * y + cube(y)",
        ]
    )
    assert "Traceback" not in text
    assert "site-packages" not in text


def test_marks_hold_for_every_case(run: Any) -> None:
    source = """
        import engine, pytest
        from engine.testing import gradtest

        skipped = pytest.mark.skip(reason="later")(gradtest(engine.sin))
    """
    run(source).assert_outcomes(skipped=6)


def test_an_error_of_the_function_shows_its_lines(run: Any) -> None:
    source = """
        from engine.testing import gradtest

        @gradtest(order=1)
        def loss(x):
            return {}["weights"] * x
    """
    done = run(source)
    done.assert_outcomes(failed=2)
    done.stdout.fnmatch_lines(['>       return {}["weights"] * x', "E       KeyError: 'weights'*"])
    assert "_pytest" not in done.stdout.str()


# ----- Options -------------------------------------------------------------------------------

COUNTED = """
    from hypothesis import strategies as st
    from engine.testing import gradtest

    counted = []

    @gradtest(order=1, inputs=[st.integers(0, 10**6).map(float)])
    def square(x):
        counted.append(x.data)
        return x * x

    def test_how_often():
        print("EXAMPLES", len(set(counted)))
"""


@pytest.mark.parametrize(
    ("options", "least", "most"),
    [
        (("--grad-examples=7",), 3, 7),
        (("--grad-profile=quick",), 8, 20),
        ((), 21, 100),
        (("--grad-profile=thorough", "--grad-examples=5"), 3, 5),
    ],
)
def test_number_of_examples(
    pytester: pytest.Pytester, options: tuple[str, ...], least: int, most: int
) -> None:
    pytester.makepyfile(COUNTED)
    done = pytester.runpytest_inprocess(*OPTIONS, *options, "-s")
    done.assert_outcomes(passed=3)
    (line,) = [line for line in done.outlines if "EXAMPLES" in line]
    assert least <= int(line.rpartition(" ")[2]) <= most * 5  # a check calls it a few times


@pytest.mark.parametrize("option", ["--grad-examples=0", "--grad-examples=-3"])
def test_no_examples_is_refused(pytester: pytest.Pytester, option: str) -> None:
    done = pytester.runpytest_inprocess(*OPTIONS, option)
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    done.stderr.fnmatch_lines(["*--grad-examples is a number of 1 or more, got*"])


def test_starting_pytest_imports_no_engine(fresh_python: Any) -> None:
    done = fresh_python(
        f"""
        import sys
        import pytest
        plugin = sys.argv[1:]
        before = set(sys.modules)
        import importlib.util
        spec = importlib.util.spec_from_file_location("plugin", {plugin_file()!r})
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        print(sorted(set(sys.modules) - before))
        """
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")


def plugin_file() -> str:
    """Return the file of the plugin."""
    spec = find_spec("_stepgrad_pytest") or find_spec(PLUGIN)
    assert spec is not None
    assert spec.origin is not None
    return spec.origin


# ----- Without pytest ------------------------------------------------------------------------


def test_run_without_pytest() -> None:
    gradtest(cube).run(5)
    with pytest.raises(GradientError, match=r"the derivative of wrong_cube\(1\.0\) is 3\.0"):
        gradtest(wrong_cube).run(20)


def test_every_profile_has_a_number_of_examples(pytestconfig: pytest.Config) -> None:
    plugin = pytestconfig.pluginmanager.get_plugin("stepgrad")
    plugin = plugin or pytestconfig.pluginmanager.get_plugin(PLUGIN)
    assert plugin is not None
    assert list(plugin.PROFILES) == list(EXAMPLES)
    assert "20, 100 or 1000" in ", ".join(map(str, EXAMPLES.values())).replace(", 1000", " or 1000")


@pytest.mark.parametrize(
    "op", [engine.where, engine.hypot, engine.logsumexp, engine.norm], ids=lambda op: op.name
)
def test_ops_of_every_kind(op: Any) -> None:
    gradtest(op).run(10)


def test_a_kink_that_is_promised_otherwise() -> None:
    test = gradtest(engine.relu, kinks=[Kink((0.0,), 0.0, (1.0,))])
    (wrong,) = [case for case in test.cases() if case.name == "kink=0"][1:]
    with pytest.raises(AssertionError, match=r"at 0 the value is 0\.0 and the gradient \(0\.0\)"):
        wrong.run(1)


def test_nan_that_is_hidden() -> None:
    @primitive(lambda out, x: 0.0)
    def hides(x: float) -> float:
        return 1.0

    (case,) = [case for case in gradtest(hides).cases() if case.name == "nan"]
    with pytest.raises(AssertionError, match=r"hides of nan is 1\.0, which hides"):
        case.run(1)


def test_a_value_that_is_another_each_time() -> None:
    calls = itertools.count()
    drifts = primitive(lambda out, x: 1.0)(lambda x: x + next(calls))
    (case,) = [case for case in gradtest(drifts).cases() if case.name == "values"]
    with pytest.raises(AssertionError, match="gives another value when it is called again"):
        case.run(5)


def test_what_no_oracle_can_judge_is_no_pass() -> None:
    @gradtest(order=1, inputs=[st.just(0.5)])
    def undefined(x: Value) -> Value:
        return engine.log(x - 1.0)

    with pytest.raises(GradientError, match="inconclusive"):
        undefined.run(10)


def test_lists_are_drawn_for_lists() -> None:
    lengths = set()

    @gradtest(order=1)
    def spread(xs: list[Value], scale: Value) -> Value:
        lengths.add(len(xs))
        return engine.logsumexp(xs) * scale

    spread.run(100)
    assert lengths == {1, 2, 3, 4, 5}


def test_what_is_no_function() -> None:
    with pytest.raises(OperandError, match=r"takes a function or an op, got 3\.0"):
        gradtest(3.0)  # type: ignore[arg-type]
    assert repr(gradtest(engine.sin)) == "<gradtest of sin>"


# ----- Misuse --------------------------------------------------------------------------------


def method(self: Any, x: Value) -> Value:
    return x * x


async def awaited(x: Value) -> Value:
    return x * x


def keyword(x: Value, *, k: float) -> Value:
    return x * k


MISUSE: dict[str, tuple[Any, dict[str, Any], str]] = {
    "a method": (method, {}, r"method is a method.*@staticmethod.*gradtest\(model\.loss\)"),
    "async": (awaited, {}, "awaited is an async function"),
    "a keyword": (keyword, {}, "keyword cannot be called with 1 input: missing .* 'k'"),
    "no input": (lambda: Value(1.0), {}, "takes no input that there is a gradient for"),
    "one strategy": (engine.sin, {"inputs": st.just(1.0)}, "a list with one strategy"),
    "no strategy": (engine.sin, {"inputs": [1.0]}, r"a list with one strategy.*got \[1\.0\]"),
    "too few": (lambda x, y: x, {"inputs": [st.just(1.0)]}, "cannot be called with 1 input"),
    "no kink": (engine.relu, {"kinks": [(0.0, 0.0)]}, "kinks= takes engine.op.Kink"),
    "a typo": (engine.sin, {"examples": 3}, "takes inputs, order.*seed, vjp; not examples"),
}


@pytest.mark.parametrize("name", MISUSE)
def test_misuse_is_told_where_the_test_is_made(name: str) -> None:
    subject, keywords, message = MISUSE[name]
    with pytest.raises(OperandError, match=message):
        gradtest(subject, **keywords)


@pytest.mark.parametrize("keywords", [{"order": 4}, {"oracle": "magic"}, {"rtol": -1.0}])
def test_settings_are_checked_where_the_test_is_made(keywords: dict[str, Any]) -> None:
    with pytest.raises(NumberError):
        gradtest(engine.sin, **keywords)


def test_parametrize_is_refused_and_not_left_out_in_silence(run: Any) -> None:
    for marks in ("@mark\n@gradtest", "@gradtest\n@mark"):
        done = run(
            "import pytest\nfrom engine.testing import gradtest\n"
            "mark = pytest.mark.parametrize('k', [1, 2])\n\n"
            f"{marks}\ndef scaled(x, k):\n    return x * k\n"
        )
        done.stdout.fnmatch_lines(["scaled: gradtest draws its inputs, and takes no parametrize*"])
        done.assert_outcomes(errors=1)


def test_an_error_of_the_kit_shows_no_line_of_the_kit(run: Any) -> None:
    done = run(
        "from engine.testing import gradtest\n\n@gradtest\ndef forgets(x):\n    x * x\n",
    )
    done.stdout.fnmatch_lines(["OperandError: the function returned None: was its*"])
    done.stdout.no_fnmatch_line("*recording.py*")


# ----- Other inputs --------------------------------------------------------------------------


def test_inputs_may_be_values_tensors_and_partial_functions() -> None:
    gradtest(lambda x, y: x * y, inputs=[values(), st.floats(-1.0, 1.0)], order=1).run(10)
    gradtest(lambda x: engine.sin(x), inputs=[tensors(elements=st.floats(-3.0, 3.0))]).run(10)
    assert gradtest(partial(pow, exp=2)).name == "pow"


def test_a_vjp_of_ones_own() -> None:
    points = st.tuples(*[st.floats(-3.0, 3.0)] * 2).map(np.array)
    gradtest(lambda x: x * x, inputs=[points], vjp=lambda x, g: 2.0 * x * g).run(20)
    with pytest.raises(GradientError, match="the vjp's gradient for x"):
        gradtest(lambda x: x * x, inputs=[points], vjp=lambda x, g: 2.01 * x * g).run(20)
