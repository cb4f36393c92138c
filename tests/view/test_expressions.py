"""Expressions as text: what is read, what is refused and where, and that nothing is ever run."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import given, strategies as st

import engine
from engine import EngineError, Value
from engine.view.expressions import FUNCTIONS, ExpressionError, parse
from engine.view.program import Program

A, B = 2.5, -3.0


def marked(error):
    """Return what an error marks with ^, and its message."""
    message, line, marks = str(error).rsplit("\n", 2)
    start = len(marks) - len(marks.lstrip())
    return line[start : len(marks)], message


# ----- What is read -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", A),
        ("  a  ", A),
        ("a\n+\tb", A + B),
        ("-a", -A),
        ("+a", A),
        ("--a", A),
        ("-a**2", -(A**2)),
        ("2**3**2", 512.0),
        ("a-b-1", A - B - 1),
        ("a/b*2", A / B * 2),
        ("a//2", 1.0),
        ("b%2", 1.0),
        ("(a+b)*2", (A + B) * 2),
        ("1_000 + 0x10 + 1e-3", 1016.001),
        ("max(a, b, 7)", 7.0),
        ("sum(a, b)", A + B),
        ("sum(a)", A),
        ("std(1, 3)", 1.0),
        ("tanh(sin(a))", math.tanh(math.sin(A))),
        ("leaky_relu(b)", 0.01 * B),
        ("leaky_relu(b, 0.5)", 0.5 * B),
        ("1/0", math.inf),
        ("exp(1000)", math.inf),
        ("π_2 * 2", 4.0),
    ],
)
def test_values(text, expected):
    assert parse(text).evaluate({"a": A, "b": B, "π_2": 2.0}) == expected


def test_values_are_recorded_as_a_graph():
    a = Value(A, "a")
    result = parse("a*a + 3*a").evaluate({"a": a})
    result.backward()
    assert (result.data, a.grad) == (A * A + 3 * A, 2 * A + 3)


def test_every_function_of_the_table_can_be_called():
    for name, op in FUNCTIONS.items():
        count = len(op.derivatives) or 2
        result = parse(f"{name}({', '.join(['1'] * count)})").evaluate({})
        assert isinstance(result, float), name
    assert {"tanh", "relu", "where", "logsumexp", "var"} <= FUNCTIONS.keys()


expressions = st.recursive(
    st.sampled_from(["a", "b", "2", "0.5", "1e-3"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "**", "//", "%"]), inner).map(
            " ".join
        ),
        inner.map("({})".format),
        inner.map("-{}".format),
        inner.map("tanh({})".format),
    ),
    max_leaves=20,
)


@given(expressions)
def test_values_are_those_of_python(text):
    ours = parse(text).evaluate({"a": A, "b": B})
    try:
        python = eval(text, {"a": A, "b": B, "tanh": math.tanh})
    except (ArithmeticError, TypeError):  # Python refuses, or tanh a complex number
        return
    if isinstance(python, complex):
        assert math.isnan(ours)
    elif math.isfinite(python):
        assert ours == pytest.approx(python, rel=1e-12, abs=1e-12)  # tanh may be an ulp off


def test_variance_and_deviation_are_those_of_the_engine():
    assert parse("var(1, 2, 6)").evaluate({}) == engine.var([1, 2, 6]) == 14 / 3
    assert parse("std(1, 3)").evaluate({}) == engine.std([1, 3]) == 1.0


def test_a_long_sum_is_not_too_deep():
    assert parse("+".join(["a"] * 2500)).evaluate({"a": 1.0}) == 2500.0


# ----- What is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("", " ", "an expression is missing"),
        ("a +", " ", "malformed"),
        ("a * (b", "(", "malformed"),
        ("a) + b", ")", "malformed"),
        ("a $ b", "$", "malformed"),
        ("a = b", "=", "malformed"),
        ("a^2", "^", "\\^ has no place in an expression: for a power write \\*\\*"),
        ("(a) @ (b)", "@", "@ has no place"),
        ("(a) | (b)", "|", "| has no place"),
        ("a << b", "<<", "<< has no place"),
        ("a < b", "a < b", "a comparison"),
        ("not a", "not a", "has no place"),
        ("a and b", "a and b", "and, or"),
        ("a if b else c", "a if b else c", "if ... else"),
        ("a.real", "a.real", "a dot after a name"),
        ("a[0]", "a[0]", "an index"),
        ("[a, b]", "[a, b]", "list has no place"),
        ("(a, b)", "(a, b)", "a comma"),
        ("{a: b}", "{a: b}", "dict has no place"),
        ("[x for x in a]", "[x for x in a]", "a comprehension has no place"),
        ("lambda: a", "lambda: a", "a lambda"),
        ("(x := a)", "x := a", "an assignment"),
        ("f'{a}'", "f'{a}'", "a text"),
        ("'a' * 3", "'a'", "'a' has no place"),
        ("2j + a", "2j", "2j has no place"),
        ("True * a", "True", "True has no place"),
        ("None", "None", "None has no place"),
        ("... + a", "...", "Ellipsis has no place"),
        ("max(*a)", "*a", "a star"),
        ("elu(a, alpha=2)", "elu(a, alpha=2)", "a named argument"),
        ("a(b)", "a", "there is no function a; for a product write \\*"),
        ("(a)(b)", "a", "there is no function a"),
        ("2(a)", "2(a)", "a call of what is no function's name"),
        ("tanhh(a)", "tanhh", "there is no function tanhh: did you mean tanh"),
        ("dot(a, b)", "dot", "there is no function dot"),
        ("power(a)", "power(a)", "power\\(\\) takes 2 arguments, got 1"),
        ("leaky_relu(a, b, a)", "leaky_relu(a, b, a)", "takes 1 to 2 arguments, got 3"),
        ("sum()", "sum()", "sum\\(\\) needs at least one argument"),
        ("1e999 + a", "1e999", "does not fit a float"),
        (f"{10**400} + a", "1" + "0" * 71, "does not fit a float"),
        ("a # b", "#", "'#' has no place"),
        ("a\0b", "\ufffd", "has no place"),
        ("a\ud800b", "\ufffd", "has no place"),
        ("αβγ * δ.ε", "δ.ε", "a dot after a name"),
        ("a; b", ";", "malformed"),
        ("__import__('os').system('true')", "__import__('os').system('true')", "has no place"),
        ("__import__('os')", "__import__", "there is no function"),
        ("eval('1')", "eval", "there is no function"),
    ],
)
def test_what_has_no_place_is_marked(text, place, message):
    with pytest.raises(ExpressionError, match=message) as caught:
        parse(text).evaluate({"a": A, "b": B})
    assert marked(caught.value)[0].strip(" …") == place.strip()


def test_the_mark_stands_beneath_the_place_in_a_long_expression():
    text = " + ".join(["abcde"] * 100) + " + a.b + " + " + ".join(["abcde"] * 100)
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    place, _ = marked(caught.value)
    assert place == "a.b"
    assert max(map(len, str(caught.value).splitlines())) < 90


@pytest.mark.parametrize(
    ("before", "after", "line", "column"),
    [
        (36, 35, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJ$" + "z" * 35, 36),  # 72 columns
        (36, 36, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJ$" + "z" * 35 + "…", 36),
        (37, 35, "…bcdefghijklmnopqrstuvwxyzABCDEFGHIJK$" + "z" * 35, 37),
        (37, 36, "…bcdefghijklmnopqrstuvwxyzABCDEFGHIJK$" + "z" * 35 + "…", 37),
        (0, 71, "$" + "z" * 71, 0),
        (0, 72, "$" + "z" * 71 + "…", 0),
    ],
)
def test_of_a_long_expression_there_are_36_columns_on_both_sides(before, after, line, column):
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    text = f"{letters[:before]}${'z' * after}"
    error = ExpressionError("wrong", text, before, before + 1)
    assert str(error) == f"wrong\n    {line}\n    {' ' * column}^"


@pytest.mark.parametrize(
    ("start", "stop", "place", "marks"),
    [
        *[(0, 3, 0, "^^^"), (2, 2, 2, "^"), (2, 1, 2, "^"), (-4, 2, 0, "^^")],
        *[(5, 6, 5, "^"), (9, 12, 5, "^"), (1, 99, 1, "^^^^")],
    ],
)
def test_a_place_beyond_the_text_is_marked_at_its_end(start, stop, place, marks):
    error = ExpressionError("wrong", "abcde", start, stop)
    assert str(error) == f"wrong\n    abcde\n    {' ' * place}{marks}"


def test_a_mark_ends_with_the_line():
    error = ExpressionError("wrong", "a" * 200, 50, 150)
    assert str(error) == f"wrong\n    …{'a' * 72}…\n    {' ' * 37}{'^' * 36}"


@pytest.mark.parametrize(("length", "fine"), [(10_000, True), (10_001, False)])
def test_how_long_an_expression_may_be(length, fine):
    text = "1".rjust(length)
    if fine:
        assert parse(text).evaluate({}) == 1.0
    else:
        with pytest.raises(ExpressionError, match="longer than 10,000 characters"):
            parse(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("where(1)", "where() takes 3 arguments, got 1"),
        ("tanh()", "tanh() takes 1 argument, got 0"),
        ("tanh(1, 2)", "tanh() takes 1 argument, got 2"),
        ("sum()", "sum() needs at least one argument"),
        ("1 ^ 2", "^ has no place in an expression: for a power write **"),
        ("(1) & (2)", "& has no place in an expression"),
        ("tahn(1)", "there is no function tahn: did you mean tan or tanh or atan?"),
        ("zzz(1)", "there is no function zzz; for a product write *"),
    ],
)
def test_what_is_wrong_is_said_in_full(text, said):
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    assert caught.value.message == said


@pytest.mark.parametrize(("text", "start"), [("f(2 3)*4", 0), ("d=f(2 3)*4", 2)])
def test_of_malformed_expressions_all_that_python_says_is_marked(text, start):
    with pytest.raises(ExpressionError, match="malformed") as caught:
        parse(text, start)
    assert marked(caught.value)[0] == "2 3"


def test_the_mark_stands_beneath_the_place_after_wide_characters():
    with pytest.raises(ExpressionError) as caught:
        parse("变量 * a.b")
    assert str(caught.value).splitlines()[-1] == " " * 4 + " " * 7 + "^^^"  # two columns each


def refusal(text):
    """Return the error of an expression, or None if it can be read and evaluated."""
    try:
        parse(text).evaluate(dict.fromkeys("abejxλ", 1.0))
    except ExpressionError as error:
        return error
    except KeyError:  # a name that a Program would not know
        pass
    return None


@pytest.mark.parametrize(
    "text", ["(" * 5000 + "a" + ")" * 5000, "-" * 9000 + "a", "a" * 20_000, "0x" + "f" * 9000]
)
def test_what_is_too_deep_or_long_is_refused(text):
    assert re.match("malformed|nested too deeply|longer than|this number", str(refusal(text)))


@given(st.text() | st.text("abj()[]{}+-*/%.,:;=<>!@^&|~'\"# \n\t\\0123456789ex_λ", max_size=40))
def test_no_text_does_anything_but_read_or_refuse(text):
    error = refusal(text)
    if error is not None:
        assert 0 <= error.start <= len(text)
        assert re.fullmatch(" {4} *\\^+", str(error).splitlines()[-1])


# ----- Programs -----------------------------------------------------------------------------------


def test_a_program_is_a_graph_with_labels():
    f, leaves = Program("d*e", ["a=-2", "b=3", "d=a*b", "e=a+b"]).graph()
    assert [(leaf.label, leaf.data) for leaf in leaves] == [("a", -2.0), ("b", 3.0)]
    assert [operand.label for operand in f.operands] == ["d", "e"]
    assert (f.label, f.data) == ("f", -6.0)


def test_names_in_a_program():
    assert Program("a*pi", ["a=2"]).graph()[0].data == 2 * math.pi
    assert Program("pi*2", ["pi=3"]).graph()[0].data == 6.0
    assert Program("f*2", ["f=1"]).graph()[0].label == "L"
    assert Program("d", ["a=1", "d=a*2"]).graph()[0].label == "d"
    assert Program("c*c", ["a=1", "c=a"]).graph()[0].operands[0].label == "a"
    assert Program("a", ["a = 2*3 + 1"]).graph()[0].data == 7.0
    assert Program("step*2", ["step=1"]).graph()[0].data == 2.0  # also the name of an op
    assert Program("ﬁ", ["fi=1"]).graph()[0].data == 1.0  # one name to Python


def test_a_program_as_a_function_of_its_leaves():
    program = Program("d*e", ["a=-2", "b=3", "d=a*b", "e=a+b"])
    assert program.leaves == {"a": -2.0, "b": 3.0}
    assert program.number({"a": 1.0, "b": 2.0}) == 6.0


@pytest.mark.parametrize(
    ("result", "lets", "place", "message"),
    [
        ("a", ["a"], "a", "write name=expression"),
        ("a", ["=1"], "=", "this is not a name"),
        ("a", ["1=2"], "1", "this is not a name"),
        ("a", ["if=2"], "if", "this is not a name"),
        ("a", ["a=1", "a=2"], "a", "a is defined twice"),
        ("a", ["a="], "", "an expression is missing"),
        ("a", ["a=1+"], "", "malformed"),
        ("a", ["a==1"], "=", "malformed"),
        ("a", ["a=a+1"], "a", "a is defined by itself: a → a"),
        ("a", ["a=b", "b=c", "c=a"], "b", "a is defined by itself: a → b → c → a"),
        ("a", ["d=b", "b=2"], "b", "b is defined further on: put it before d"),
        ("alpah*2", ["alpha=1"], "alpah", "unknown name alpah: did you mean alpha?"),
        ("x", ["alpha=1"], "x", "unknown name x: give it a number, as --let x=2\n"),
        ("2 + 3", ["a=1"], "2 + 3", "nothing to differentiate"),
        ("2*pi", [], "2*pi", "nothing to differentiate"),
    ],
)
def test_what_is_wrong_with_a_program(result, lets, place, message):
    with pytest.raises(ExpressionError, match=message.replace("?", "\\?")) as caught:
        Program(result, lets)
    assert marked(caught.value)[0].strip() == place


def test_errors_are_of_the_engine_and_values_errors():
    with pytest.raises(EngineError):
        parse("a.b")
    with pytest.raises(ValueError, match="a dot"):
        parse("a.b")
    assert engine.tanh is not None
