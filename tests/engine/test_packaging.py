"""What a user installs: names, docstrings, types, and the compiled core that is never stale."""

import importlib.metadata
import inspect
import shutil
from pathlib import Path

import pytest

import engine
from engine._core import HOW, MODULES
from engine.op import Op

ENGINE = Path(engine.__file__).parent

NAMES = """
EngineError GraphError IndexingError NonFiniteError NumberError OperandError PrimitiveError
ShapeError Tensor Value acos acosh add argmax argsort asin asinh atan atan2 atanh avg_pool2d
backward broadcast_to cbrt ceil clip compiled concat conv2d cos cosh cumprod cumsum detect_anomaly
divide dot draw draw_dot dropout einsum elu embedding enable_grad erf erfc exp exp2 expand_dims
expm1 flip floor floor_divide fold gather gelu getitem grad hardtanh hessian hvp hypot identity
jacobian jvp leaky_relu lgamma linear log log10 log1p log2 log_sigmoid log_softmax logaddexp
logsumexp matmul max_pool2d maximum mean minimum moveaxis multiply negative no_grad norm normal_cdf
normal_pdf one_hot outer pad permute_dims polygamma power primitive prod reciprocal record_source
relu relu6 remainder repeat reshape roll scatter scope sech_squared selu sigmoid sign silu sin sinc
sinh softmax softplus sort split sqrt square squeeze stack std step steps subtract
swapaxes take take_along_axis tan tanh tensordot tile topological_order transpose value_and_grad var
vjp where windows xlogy
"""
SHADOWING = ["abs", "max", "min", "round", "sum"]  # public, but no guest of `import *`
"""The names that would take the place of a built-in."""


def test_the_public_names_are_these():
    assert sorted(engine.__all__) == sorted(NAMES.split())
    assert len(set(engine.__all__)) == len(engine.__all__)


def test_every_public_name_is_there():
    for name in [*engine.__all__, *SHADOWING]:
        assert hasattr(engine, name), name


def test_dir_lists_what_is_loaded_on_demand_too(fresh_python):
    done = fresh_python("import engine; print({'Tensor', 'Value', 'conv2d'} <= {*dir(engine)})")
    assert (done.stdout, done.stderr) == ("True\n", "")


def test_a_star_import_leaves_the_builtins_alone(fresh_python):
    done = fresh_python(
        """
        import builtins
        from engine import *
        print([name for name in dir(builtins) if globals().get(name) is not None
               and globals()[name] is not getattr(builtins, name) and not name.startswith("_")])
        """
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")


@pytest.mark.parametrize(
    "name", [name for name in [*engine.__all__, *SHADOWING] if name != "compiled"]
)
def test_every_public_name_has_a_docstring(name):
    thing = getattr(engine, name)
    own = vars(thing).get("__doc__") if isinstance(thing, Op) else thing.__doc__
    assert own, name
    assert own.strip().splitlines()[0].endswith((".", ":")), own


def test_every_public_method_of_value_has_a_docstring():
    bare = [
        name
        for name, member in inspect.getmembers(engine.Value)
        if not name.startswith("_") and not inspect.getdoc(member)
    ]
    assert bare == []


def test_every_error_is_an_engine_error_and_a_builtin():
    for name in engine.__all__:
        thing = getattr(engine, name)
        if isinstance(thing, type) and issubclass(thing, Exception):
            assert issubclass(thing, engine.EngineError)
            builtin = [base for base in thing.__mro__ if base.__module__ == "builtins"]
            assert builtin[0] is not Exception or thing is engine.EngineError


def test_types_are_shipped():
    for package in ("engine", "nn"):
        assert (ENGINE.parent / package / "py.typed").is_file()


def test_importing_engine_imports_nothing_heavy(fresh_python):
    done = fresh_python(
        """
        import sys
        before = set(sys.modules)
        import engine
        print(*sorted({name.partition(".")[0] for name in set(sys.modules) - before}))
        """
    )
    imported = set(done.stdout.split())
    assert "engine" in imported
    heavy = {"numpy", "scipy", "matplotlib", "IPython", "setuptools", "mypy", "mypyc", "pytest"}
    heavy |= {
        "asyncio",
        "unittest",
        "multiprocessing",
        "sklearn",
        "rich",
        "hypothesis",
        "distutils",
    }
    assert not imported & heavy


def test_importing_engine_changes_no_global_state(fresh_python):
    done = fresh_python(
        """
        import random, sys, locale, decimal, signal, warnings, gc
        def state():
            return (random.getstate(), sys.getrecursionlimit(), sys.getswitchinterval(),
                    gc.isenabled(), gc.get_threshold(), decimal.getcontext().prec,
                    list(warnings.filters), signal.getsignal(signal.SIGINT), sys.excepthook,
                    sys.displayhook, locale.getlocale())
        before = state()
        import engine
        x = engine.Value(2.0)
        (x * x).tanh().backward()
        print(state() == before)
        """
    )
    assert (done.stdout, done.stderr) == ("True\n", "")


def test_the_environment_asks_for_plain_python(fresh_python):
    done = fresh_python("import engine; print(engine.compiled)", STEPGRAD_PLAIN="1")
    assert (done.stdout, done.stderr) == ("False\n", "")


def test_no_wish_gives_what_was_installed(fresh_python):
    for wish in ("", "0"):
        if not engine.compiled:
            pytest.skip("this process runs plain, by a wish or for want of a compiled core")
        done = fresh_python("import engine; print(engine.compiled)", STEPGRAD_PLAIN=wish)
        assert (done.stdout, done.stderr) == ("True\n", "")


COMPUTE = """
    import warnings
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        import engine
    x = engine.Value(3.0)
    (x * x).backward()
    print(engine.compiled, x.grad, engine.__file__)
    for warning in caught:
        print(warning.category.__name__, warning.message)
"""


def copied_core(directory: Path) -> Path:
    """Copy the installed engine, with its compiled modules, and return the copy of value.py."""
    copy = directory / "edited"
    shutil.copytree(ENGINE, copy / "engine", ignore=shutil.ignore_patterns("__pycache__"))
    return copy / "engine" / "value.py"


def test_an_unchanged_copy_of_the_core_runs_compiled(fresh_python, tmp_path):
    if not engine.compiled:
        pytest.skip("there is no compiled core here")
    value = copied_core(tmp_path)
    done = fresh_python(COMPUTE, PYTHONPATH=str(value.parents[1]))
    assert done.stdout == f"True 6.0 {value.with_name('__init__.py')}\n"


@pytest.mark.slow(reason="a process for each source")
@pytest.mark.parametrize("module", [*(f"{m}.py" for m in MODULES), *HOW])
def test_an_edited_source_beside_a_compiled_core_is_noticed(module, fresh_python, tmp_path):
    if not engine.compiled:
        assert engine.compiled is False  # a plain core cannot be stale
        return
    value = copied_core(tmp_path)
    with value.with_name(module).open("a") as source:
        source.write("\n")
    done = fresh_python(COMPUTE, PYTHONPATH=str(value.parents[1]))
    first, *warnings = done.stdout.splitlines()
    assert first == f"False 6.0 {value.with_name('__init__.py')}"
    assert len(warnings) == 1
    assert warnings[0].startswith("RuntimeWarning ")
    assert "changed since it was compiled" in warnings[0]
    assert "install stepgrad again" in warnings[0]


def test_an_edit_takes_effect(fresh_python, tmp_path):
    """In an editable install the sources that are read are the sources that run."""
    value = copied_core(tmp_path)
    text = value.read_text()
    assert text.count("return -self._data") + text.count("_record(-self._data") == 1
    value.write_text(text.replace("_record(-self._data", "_record(42.0 - self._data"))
    done = fresh_python(
        "import engine; print((-engine.Value(2.0)).data)",
        "-W",
        "ignore",
        PYTHONPATH=str(value.parents[1]),
    )
    assert done.stdout == "40.0\n"


def test_the_distribution_says_what_it_is():
    try:
        metadata = importlib.metadata.metadata("stepgrad")
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("runs from its sources, not installed")
    assert metadata["Requires-Python"] == ">=3.11"
    assert metadata["License-Expression"] == "MIT"
    assert "Typing :: Typed" in metadata.get_all("Classifier")
