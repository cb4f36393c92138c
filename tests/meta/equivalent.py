"""Mutants that are not wrong: what they compute is the same, for the reason that stands here."""

from __future__ import annotations

import ast

from tests.meta.mutant import Mutant, Source
from tests.meta.rows import EQUIVALENT

THE_ROW = "the row of the table, which is taken instead, computes the same"
BOTH_ALIKE = "of two lists that are compared, both are turned round"
OTHER_POINTS = "it says where points are drawn, and draws others"
HOW_HARD = "it says how long one searches before giving up"
ROUNDING = "the difference is lost in rounding"
BOTH_FORMS = "there both forms have all digits"
ANOTHER_STEP = "a step as far below the scale of any row, with as many digits to spare"
# Functions that draw operands, all of whose arguments are numbers; and those that others have too.
OF_NUMBERS = ("between", "near", "sized", "whole")
OF_SOURCES = ("within", "lists")
TABLES = tuple(
    f"engine/testing/oracles/{name}.py"
    for name in ("activations", "domains", "elementary", "sequences")
)
# By the file, what is broken in it, and how.
OF_FUNCTIONS = {
    ("engine/value.py", name, "returns None"): "in plain Python another function is in its place"
    for name in ("_blank", "__add__", "__sub__", "__mul__", "__truediv__", "__pow__")
}
# By the file and the line as it is broken.
ANYWHERE = {
    ("engine/testing/domains.py", "return whole(x) if x <= 0.5 else x"): "at 1/2 both are 1/2",
    ("engine/testing/oracles/closed_form.py", "error = 11.0**-DIGITS"): ROUNDING,
    (
        "engine/testing/array_orders.py",
        "MOST = 257  # elements of all derivatives of one order that are checked one by one",
    ): "257 is no square and no cube",
    ("engine/testing/kinks.py", "return [x != max(operands) for x in operands]"): BOTH_ALIKE,
    ("engine/testing/kinks.py", "return [x != min(operands) for x in operands]"): BOTH_ALIKE,
    (
        "engine/testing/oracles/complex_step.py",
        "return 1 / (1 + cmath.exp(-z)) if z.real >= 1 else cmath.exp(z) / (1 + cmath.exp(z))",
    ): "between 0 and 1 both forms have all digits",
    (
        "engine/ops.py",
        "kinks=[Kink((0.0,), -INF, (INF,)), Kink((-2.0,), NAN, (NAN,))],",
    ): "log is nan at -2 as at -1",
    (
        "engine/value.py",
        "if base > 1.0 and not b._requires_grad and exponent != 0.0:",
    ): THE_ROW,
    ("engine/special.py", "if nearest > 2:"): "at 2 the product of no factors is 1, and its log 0",
    (
        "engine/special.py",
        "(1, 6), (-1, 30), (1, 42), (-1, 30), (5, 66), (-691, 2731), (7, 6), (-3617, 510),",
    ): ROUNDING,
    (
        "engine/testing/oracles/activations.py",
        "(each(sized((6), 6), between(-4, 0), between(0, 4)), each(*[sized(-6, 6)] * 3)),",
    ): OTHER_POINTS,
    (
        "engine/testing/oracles/activations.py",
        "*WIDE, between(-30, 30), near(1.0, 2.0, -1.0, -8.0), near(-2.4570247382208006)",
    ): OTHER_POINTS,
    (
        "engine/testing/oracles/activations.py",
        "with mp.workdps(61):  # Klambauer et al. 2017, "
        '"Self-normalizing neural networks", equation 14',
    ): ROUNDING,
    (
        "engine/testing/oracles/sequences.py",
        "SPREAD = lists(between(-1, 2), sized(-200, 200), near(1.0), sizes=(2, 3, 5))",
    ): OTHER_POINTS,
    (
        "engine/testing/oracles/sequences.py",
        "lists(sized(-60, 61), between(-2, 2), whole(-2, 2)),",
    ): OTHER_POINTS,
    (
        "engine/testing/oracles/sequences.py",
        "lists(sized(-60, 60), between(-3, 2), whole(-2, 2)),",
    ): OTHER_POINTS,
    (
        "engine/testing/oracles/sequences.py",
        "lists(sized(-1000, 1000), between(-1, 1), whole((3), 3)),",
    ): OTHER_POINTS,
    (
        "engine/view/structure/stages.py",
        "if len(parts) < MOST_PARTS:",
    ): "16 parts are then one stretch that is not cut",
    (
        "engine/view/stepper/screen.py",
        "if len(nodes) >= most:",
    ): "of as many nodes as there is room for, all are taken either way",
    (
        "engine/view/stepper/svg.py",
        'width = (float(room[1].get("x", "0")) + 3 - left) / 2',
    ): "the room is one text under the other, all at one x",
    (
        "engine/view/stepper/svg.py",
        'rows[MOST_PARTS - 1 :] = [(f"… and {left_out} more", *("" for _ in rows[1][1:]))]',
    ): "all rows of a caption have as many cells",
    ("engine/view/stepper/screen.py", "if width < 0:"): "at 0 the next text is cut to nothing",
    (
        "engine/view/stepper/array_chain.py",
        "wanted = [self.trace.requires_grad[i] and i <= position for i in targets]",
    ): "no node is its own operand",
    (
        "engine/view/structure/turns.py",
        "if last_read[made] <= place:",
    ): "where both are alike, it stays what it was",
    (
        "engine/view/structure/repetition.py",
        "MOST_WORK = 65  # comparisons for each part, where a program with loops takes three or "
        "four",
    ): HOW_HARD,
    (
        "engine/view/structure/repetition.py",
        "LEAST_WORK = 2000001  # comparisons that are always allowed",
    ): HOW_HARD,
    (
        "engine/view/structure/repetition.py",
        "if longest < LONGEST_TRIED:",
    ): "at 32 no period is longer than what was tried",
    ("engine/testing/array_confirm.py", "low = max(low, -3.0)"): OTHER_POINTS,
    (
        "engine/testing/primitives.py",
        "ways = [each(*[source] * count) for source in (between(-3.0, 4.0), whole(-3, 3), *WIDE)]",
    ): OTHER_POINTS,
    (
        "engine/testing/kinks.py",
        "return math.copysign(1.0, x) if x == x else 1.0",
    ): "of two nan that are compared, both are 1",
    (
        "engine/arrays/linalg.py",
        "by_rows = columns == size and rows > (size * x.shape[-1])",
    ): "a copy of what could be read as it is has the same product",
    (
        "engine/arrays/normal_kernels.py",
        "t = np.minimum(np.abs(x), 41.0)",
    ): "from 40 on all is 0 or 1 to any float",
    (
        "engine/testing/oracles/activations.py",
        "one(*WIDE, near(low, high), between(low - 2, high + 1)),",
    ): OTHER_POINTS,
    (
        "engine/view/stepper/array_chain.py",
        "wanted = [self.trace.requires_grad[i] or i < position for i in targets]",
    ): "what a constant receives is shown nowhere",
    (
        "engine/view/picture/survey.py",
        "if loose.length <= outline.length / 2:",
    ): "half as long is as much shorter as less than half",
    (
        "engine/arrays/indexing.py",
        "selected = indexing(place)(np.broadcast_to(True, whole))",
    ): "only its shape is looked at",
    **dict.fromkeys(
        [
            ("engine/testing/oracles/elementary.py", f"return x, rng.uniform({drawn}")
            for drawn in (
                "-760, 720) / ((math.log(x) and 1.0))",
                "-760, 720) / (math.log(x) or 2.0)",
                "-760, 721) / (math.log(x) or 1.0)",
                "-761, 720) / (math.log(x) or 1.0)",
            )
        ],
        OTHER_POINTS,
    ),
    **dict.fromkeys(
        [
            ("engine/testing/oracles/activations.py", f"return float(rng.randint({drawn}")
            for drawn in ("-9, 9)) / 3", "-9, 10)) / 2", "-10, 9)) / 2")
        ],
        OTHER_POINTS,
    ),
    (
        "engine/testing/oracles/activations.py",
        "return abs(x) or 2.0 if x <= 0.0 and x.is_integer() else x",
    ): OTHER_POINTS,
    (
        "engine/testing/oracles/activations.py",
        "return abs(x) or 1.0 if x <= 1.0 and x.is_integer() else x",
    ): "the only one between is 1, which is its own size",
    **dict.fromkeys(
        [
            ("engine/testing/oracles/exact.py", f"return {form}")
            for form in (
                "1 / mp.cosh(x) ** 2 if abs(x) <= 1000 else 4 * mp.exp(-2 * abs(x))",
                "1 / mp.cosh(x) ** 2 if abs(x) < 1001 else 4 * mp.exp(-2 * abs(x))",
                "mp.erfc(x) if abs(x) <= 100 else mpf(0) if x > 0 else mpf(2)",
                "mp.erfc(x) if abs(x) < 101 else mpf(0) if x > 0 else mpf(2)",
                "mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi) if abs(x) <= 100 else mpf(0)",
                "mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi) if abs(x) < 101 else mpf(0)",
            )
        ],
        BOTH_FORMS,
    ),
    **dict.fromkeys(
        [
            (
                "engine/testing/oracles/exact.py",
                f"return mp.erfc(x) if abs(x) < 100 else mpf(0) if {positive} else mpf(2)",
            )
            for positive in ("x >= 0", "x > 1")
        ],
        "its size is 100 or more here",
    ),
    ("engine/testing/oracles/exact.py", "if abs(z) <= (n + 1):"): BOTH_FORMS,
    ("engine/testing/oracles/exact.py", "if abs(z) < n + 2:"): BOTH_FORMS,
    ("engine/testing/oracles/exact.py", "if x <= -300:"): BOTH_FORMS,
    ("engine/testing/oracles/exact.py", "if x < -301:"): BOTH_FORMS,
    **dict.fromkeys(
        [
            ("engine/testing/oracles/exact.py", f"with mp.workprec(mp.prec + {bits}):")
            for bits in (
                "121",
                "61",
                "max(0, mp.mag(x) if x else 1)",
                "max(1, mp.mag(x) if x else 0)",
            )
        ],
        ROUNDING,
    ),
    **dict.fromkeys(
        [
            ("engine/testing/oracles/exact.py", f"steps = int(mp.ceil(-x)) {more}")
            for more in ("- 1", "+ 2")
        ],
        "the recurrence holds for any number of steps, and mpmath takes what is below 0 too",
    ),
    **dict.fromkeys(
        [
            (
                "engine/testing/oracles/taylor.py",
                f"steps = [STEPS[self.places] * (min(abs(mpf(numbers[i])), {size}) for i in "
                "directions]",
            )
            for size in ("1) or 2", "2) or 1")
        ],
        ANOTHER_STEP,
    ),
    **dict.fromkeys(
        [
            ("engine/testing/oracles/reference.py", f"step = mpf({step})")
            for step in (
                "10) ** -25 * (min(abs(x), 1) or 2",
                "10) ** -25 * (min(abs(x), 2) or 1",
                "10) ** -26 * (min(abs(x), 1) or 1",
                "11) ** -25 * (min(abs(x), 1) or 1",
            )
        ],
        ANOTHER_STEP,
    ),
    (
        "engine/testing/oracles/reference.py",
        "if (precision - lost) > DIGITS:",
    ): "a logarithm of a difference is no whole number",
    **dict.fromkeys(
        [
            ("engine/testing/arrays.py", f"step = STEP * (min(abs(at), {size})")
            for size in ("1.0) or 2.0", "2.0) or 1.0")
        ],
        ANOTHER_STEP,
    ),
    (
        "engine/testing/array_point.py",
        "np.where((x != 0.0) & (np.abs(x) <= CLOSE), direction * x, direction)",
    ): "it says along which directions is tried, and tries others",
    ("engine/special.py", "for k in range(9, 0, -1):"): ROUNDING,
    (
        "engine/testing/kinks.py",
        '"round": lambda xs: Distance(whole(xs[0] + 0.5), 0),',
    ): "a half above a number is as far from whole ones as a half below it",
    (
        "engine/testing/kinks.py",
        "return Distance(math.inf, 1)",
    ): "of a kink that there is not, no operand is named",
    (
        "engine/testing/oracles/reference.py",
        "digits = 3 * DIGITS + (int(abs(mp.log10(abs(x)))) if x else 0)",
    ): ROUNDING,
    (
        "engine/arrays/linalg.py",
        "by_columns = rows == size and columns > (size * x.shape[-2])",
    ): "a copy of what could be read as it is has the same product",
    (
        "engine/testing/oracles/exact.py",
        "return mp.log(x) if x >= 0 else mp.nan if x < 0 else -mp.inf",
    ): "mpmath's logarithm of 0 is -inf too",
    (
        "engine/testing/primitives.py",
        "count = 4 if isinstance(op, Reduction) else len(op.derivatives)",
    ): "it says on how many elements a sequence is tried, and tries others",
    (
        "engine/testing/higher.py",
        "if all(off < (1e-12 * size) for off, size in zip(apart, sizes, strict=True)):",
    ): "of a derivative whose terms are all 0, more digits say the same",
    (
        "engine/arrays/dropping.py",
        "factor = 1.0 if rate == 1.0 else 1.0 / (1.0 - rate)",
    ): "where nothing is kept, nothing is multiplied",
    (
        "engine/arrays/kernels.py",
        "return patched(x * logistic(x, library_exp), x <= -700.0, silu_far_left, x)",
    ): BOTH_FORMS,
    (
        "engine/special.py",
        "if not x >= -30.0:  # reflection, DLMF 5.5.3",
    ): "-30, a pole, has been dealt with",
    (
        "engine/anomaly.py",
        "return math.isfinite(data) if isinstance(data, float) else "
        "bool(abs(data).max(initial=1) < INF)",
    ): "1 is as finite as 0",
    (
        "engine/testing/oracles/domains.py",
        "HUGE = math.nextafter(math.inf, 1.0)",
    ): "the float before infinity is the same on the way to any other",
    (
        "engine/primitive.py",
        'large = getattr(x, "size", 1) > FEW',
    ): "neither 0 nor 1 is more than a few",
    (
        "engine/view/structure/stages.py",
        "whole = Group(STAGE, -2, [])",
    ): "of this group only what it holds is returned",
    (
        "engine/testing/strategies/mlps.py",
        "seed=st.integers(0, (2**32) + 1),",
    ): "a seed may be any whole number of 0 or more",
}


class WithoutPoints(ast.NodeTransformer):
    """A tree without the numbers that only say where points are drawn."""

    def visit_Call(self, node: ast.Call) -> ast.Call:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name in OF_NUMBERS + OF_SOURCES:
            every = name in OF_NUMBERS
            node.args = [x for x in node.args if not (every or is_number(x))]
            node.keywords = [x for x in node.keywords if not is_number(x.value)]
        self.generic_visit(node)
        return node


def is_number(node: ast.expr) -> bool:
    """Return whether a node is a number, or a tuple of numbers, that is written out."""
    try:
        ast.literal_eval(node)
    except ValueError:
        return False
    return True


def draws_others(mutant: Mutant) -> bool:
    """Return whether a mutant differs only in where the points of a table are drawn."""
    if mutant.path not in TABLES:
        return False
    trees = Source(mutant.path).tree, ast.parse(mutant.text)
    one, other = (ast.dump(WithoutPoints().visit(tree)) for tree in trees)
    return one == other


def line_of(mutant: Mutant) -> str:
    """Return the line that is broken as it was."""
    return Source(mutant.path).text.splitlines()[mutant.line - 1].strip()


def reason_of(mutant: Mutant) -> str:
    """Return why a mutant computes what the engine computes; nothing if it does not."""
    line = mutant.text.splitlines()[mutant.line - 1].strip()
    if mutant.kind == "False for True" and "strict=False" in line:
        return "zip joins what has one length: its strict only says so"
    if mutant.kind == "True for False" and "astype(" in line and "copy=True" in line:
        return "a copy holds the same numbers"
    if mutant.kind == "dropped statement" and line_of(mutant) == "raise NotImplementedError":
        return "no object is of the class itself, and each class below it has its own"
    if draws_others(mutant):
        return OTHER_POINTS
    table = EQUIVALENT.get((mutant.subject, mutant.kind), "")
    function = OF_FUNCTIONS.get((mutant.path, mutant.subject, mutant.kind), "")
    return table or function or ANYWHERE.get((mutant.path, line), "")
