"""Saved models: the last bit, and every way in which a file can be broken."""

from __future__ import annotations

import errno
import json
import math
import os
import re
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import engine
from nn import (
    MLP,
    BatchNorm1d,
    CheckpointError,
    Conv2d,
    Embedding,
    Flatten,
    Layer,
    Linear,
    Module,
    Neuron,
    Sequential,
    load_model,
    save_model,
)

AWKWARD = [0.1, -0.0, 5e-324, 1.7976931348623157e308, math.inf, -math.inf, math.nan, 1 / 3, 2.0]


def bits(number: float) -> bytes:
    """Return the bytes of a double, which tell -0.0 from 0.0 and compare nan."""
    return struct.pack("<d", number)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a file that a model was saved to."""
    path = tmp_path / "model.json"
    save_model(path, MLP(2, [2, 1], activation="tanh", seed=7), {"classes": ["a", "β"]})
    return path


def test_a_model_comes_back_with_all_it_was_made_of(path: Path) -> None:
    model, extra = load_model(path)
    original = MLP(2, [2, 1], activation="tanh", seed=7)
    assert model.config() == original.config()
    assert model.state_dict() == original.state_dict()
    assert model([0.5, -1.0]).data == original([0.5, -1.0]).data
    assert extra == {"classes": ["a", "β"]}


def test_every_float_comes_back_to_the_last_bit(tmp_path: Path) -> None:
    mlp = MLP(2, [2, 1], seed=0)
    mlp.load_state_dict(dict(zip(mlp.state_dict(), AWKWARD, strict=True)))
    save_model(tmp_path / "model.json", mlp)
    model, _ = load_model(tmp_path / "model.json")
    loaded = [bits(number) for number in model.state_dict().values()]
    assert loaded == [bits(number) for number in AWKWARD]


def test_the_same_model_gives_the_same_bytes(path: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.json"
    save_model(again, MLP(2, [2, 1], activation="tanh", seed=7), {"classes": ["a", "β"]})
    assert again.read_bytes() == path.read_bytes()


def test_the_file_is_strict_json(tmp_path: Path) -> None:
    def refuse(constant: str) -> Any:
        raise AssertionError(f"{constant} is not JSON")

    mlp = MLP(2, [2, 1], seed=0)
    mlp.load_state_dict(dict(zip(mlp.state_dict(), AWKWARD, strict=True)))
    save_model(tmp_path / "model.json", mlp)
    json.loads((tmp_path / "model.json").read_text(encoding="utf-8"), parse_constant=refuse)


def test_a_module_without_a_config_is_loaded_into_one_at_hand(tmp_path: Path) -> None:
    path = tmp_path / "layer.json"
    save_model(path, Layer(2, 2, seed=0))
    with pytest.raises(
        CheckpointError, match="holds the class Layer, which cannot be built from it"
    ):
        load_model(path)
    layer = Layer(2, 2, seed=1)
    model, _ = load_model(path, layer)
    assert model is layer
    assert layer.state_dict() == Layer(2, 2, seed=0).state_dict()


def test_an_mlp_with_a_function_of_your_own_is_loaded_into_one_at_hand(tmp_path: Path) -> None:
    def own(x: Any) -> Any:
        return engine.tanh(x) * 2

    path = tmp_path / "own.json"
    save_model(path, MLP(1, [1, 1], activation=own, seed=0))
    with pytest.raises(
        CheckpointError, match="class MLP, which cannot be built from it; make one and pass"
    ):
        load_model(path)
    mlp = MLP(1, [1, 1], activation=own, seed=1)
    load_model(path, mlp)
    assert mlp.state_dict() == MLP(1, [1, 1], seed=0, init="xavier_uniform").state_dict()


def network(seed: int, dtype: Any = None) -> Module:
    """Return a network of Tensors with parameters and running statistics."""
    return Sequential(
        Conv2d(1, 2, 3, padding=1, seed=seed, dtype=dtype),
        Flatten(),
        Linear(8, 3, seed=seed, dtype=dtype),
        BatchNorm1d(3, dtype=dtype),
    )


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_network_of_tensors_is_loaded_into_one_at_hand(tmp_path: Path, dtype: Any) -> None:
    path = tmp_path / "network.json"
    original, other = network(0, dtype), network(1, dtype)
    x = np.random.default_rng(0).standard_normal((4, 1, 2, 2)).astype(dtype)
    original(x)  # a step of the running statistics
    save_model(path, original, {"epoch": 3})
    _, extra = load_model(path, other)
    assert extra == {"epoch": 3}
    for name, array in original.state_dict().items():
        found = other.state_dict()[name]
        assert (found.dtype, found.tobytes()) == (array.dtype, array.tobytes()), name
    np.testing.assert_array_equal(other.eval()(x).data, original.eval()(x).data)
    with pytest.raises(CheckpointError, match="class Sequential, which cannot be built from it"):
        load_model(path)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_every_float_of_an_array_comes_back_to_the_last_bit(tmp_path: Path, dtype: Any) -> None:
    path = tmp_path / "layer.json"
    layer = Linear(3, 3, bias=False, seed=0, dtype=dtype)
    with np.errstate(over="ignore"):
        layer.weight.data = np.array(AWKWARD).astype(dtype).reshape(3, 3)
    save_model(path, layer)
    other, _ = load_model(path, Linear(3, 3, bias=False, seed=1, dtype=dtype))
    assert other.weight.data.tobytes() == layer.weight.data.tobytes()


def test_an_array_of_another_shape_is_refused_and_keeps_the_weights(tmp_path: Path) -> None:
    path = tmp_path / "table.json"
    save_model(path, Embedding(3, 2, seed=0))
    other = Embedding(4, 2, seed=0)
    before = other.state_dict()
    with pytest.raises(CheckpointError, match=r"weight is of shape \(3, 2\) and not .* \(4, 2\)"):
        load_model(path, other)
    np.testing.assert_array_equal(other.weight.data, before["weight"])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"dtype": "float16"}, "KeyError: 'float16'"),
        ({"shape": [4, 2]}, r"48 bytes are no array of float64 of shape \[4, 2\]"),
        ({"shape": [10**9, 10**9]}, "48 bytes are no array"),
        ({"shape": [-3, -2]}, "is no shape"),
        ({"shape": [3, 2.0]}, "is no shape"),
        ({"shape": 6}, "TypeError"),
        ({"base64": "!"}, "Error"),
        ({"base64": None}, "TypeError"),
    ],
)
def test_a_damaged_array_is_an_error(tmp_path: Path, changes: Any, message: str) -> None:
    path = tmp_path / "table.json"
    save_model(path, Embedding(3, 2, seed=0))
    weights = json.loads(path.read_text(encoding="utf-8"))["weights"]
    reseal(path, weights={"weight": {**weights["weight"], **changes}})
    with pytest.raises(CheckpointError, match=rf"table.json is damaged: .*{message}"):
        load_model(path, Embedding(3, 2, seed=1))


def test_another_class_is_refused(path: Path) -> None:
    with pytest.raises(
        CheckpointError, match="holds the class MLP, the model to load into is a Neuron"
    ):
        load_model(path, Neuron(2, seed=0))


def test_a_model_that_does_not_fit_keeps_its_weights(path: Path) -> None:
    other = MLP(2, [3, 1], seed=0)
    before = other.state_dict()
    with pytest.raises(CheckpointError, match=r"model.json does not fit its model.*is missing"):
        load_model(path, other)
    assert other.state_dict() == before


def reseal(path: Path, **changes: Any) -> None:
    """Change the content of a file and make its checksum right again."""
    from nn.checkpoint import digest

    document = json.loads(path.read_text(encoding="utf-8"))
    document.update(changes)
    content = {key: document[key] for key in ("model", "weights", "extra")}
    document["sha256"] = digest(json.dumps(content, ensure_ascii=False))
    path.write_text(json.dumps(document), encoding="utf-8")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"weights": {"layer0.neuron0.w0": "0x1p0"}},
            "is damaged: an MLP of widths .* has 9 weights",
        ),
        ({"version": 2}, "is of format version 2; this stepgrad reads up to version 1: upgrade it"),
        ({"version": 0}, "is damaged: a part is missing"),
        ({"version": "1"}, "is damaged: a part is missing"),
        ({"extra": []}, "is damaged: a part is missing"),
        ({"model": {}}, "is damaged: KeyError: 'class'"),
        ({"model": {"class": "MLP", "config": {"inputs": 2}}}, "is damaged: KeyError: 'widths'"),
        (
            {"model": {"class": "MLP", "config": {"inputs": 10**9, "widths": [10**9]}}},
            "is damaged: an MLP of widths",
        ),
        (
            {"model": {"class": "MLP", "config": {"inputs": 2, "widths": [2, 1], "x": 1}}},
            "is damaged: TypeError",
        ),
        (
            {"model": {"class": "MLP", "config": {"inputs": 2, "widths": [2, 1], "init": "he"}}},
            "does not fit its model: unknown initialiser 'he'",
        ),
    ],
)
def test_a_file_with_wrong_content_is_an_error(
    path: Path, changes: dict[str, Any], message: str
) -> None:
    reseal(path, **changes)
    with pytest.raises(CheckpointError, match=f"model.json {message}"):
        load_model(path)


@pytest.mark.parametrize("weight", ["zz", 1.5, None, "0x1p99999"])
def test_a_weight_that_is_no_float_is_an_error(path: Path, weight: Any) -> None:
    weights = json.loads(path.read_text(encoding="utf-8"))["weights"]
    reseal(path, weights={**weights, "layer1.neuron0.b": weight})
    with pytest.raises(CheckpointError, match=r"model.json is damaged: "):
        load_model(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"  \n", "is empty"),
        (b"hello", "is not a saved model of stepgrad"),
        (b"\x80\x04\x95 a pickle", "is not a saved model of stepgrad"),
        (b"[1, 2]", "is not a saved model of stepgrad"),
        (b"{}", "is not a saved model of stepgrad"),
        (b"[" * 100_000, "is not a saved model of stepgrad"),
        (b"9" * 5000, "is not a saved model of stepgrad"),
    ],
)
def test_a_file_of_something_else_is_an_error(path: Path, content: bytes, message: str) -> None:
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match=f"model.json {message}"):
        load_model(path)


def test_a_file_cut_off_anywhere_is_an_error(path: Path) -> None:
    content = path.read_bytes()
    for size in range(len(content) - 2):  # the last two bytes are the brace and the line end
        path.write_bytes(content[:size])
        with pytest.raises(CheckpointError):
            load_model(path)


def test_a_bit_flipped_anywhere_is_an_error_or_changes_nothing(path: Path) -> None:
    content = path.read_bytes()
    expected = MLP(2, [2, 1], activation="tanh", seed=7).state_dict()
    for place in range(len(content)):
        flipped = bytearray(content)
        flipped[place] ^= 1 << (place % 7)
        path.write_bytes(flipped)
        try:
            model, extra = load_model(path)
        except CheckpointError:
            continue
        # White space may take a blow.
        assert model.state_dict() == expected
        assert extra == {"classes": ["a", "β"]}


def test_a_missing_file_and_a_folder_are_errors(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"cannot read .*none.json: No such file"):
        load_model(tmp_path / "none.json")
    with pytest.raises(CheckpointError, match=r"cannot read .*: Is a directory"):
        load_model(tmp_path)


def test_extra_that_json_cannot_hold_is_an_error_and_writes_nothing(tmp_path: Path) -> None:
    for extra in ({"a": math.nan}, {"a": object()}):
        with pytest.raises(CheckpointError, match="extra is not for JSON"):
            save_model(tmp_path / "model.json", Neuron(1, seed=0), extra)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_write_that_fails_leaves_the_old_file_and_no_other(
    step: str, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = path.read_bytes()

    def full(*arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, step, full)
    with pytest.raises(CheckpointError, match=r"cannot write .*model.json: No space left"):
        save_model(path, MLP(2, [2, 1], seed=8))
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"cannot write .*model.json: No such file"):
        save_model(tmp_path / "none" / "model.json", Neuron(1, seed=0))


def test_paths_may_be_text_with_spaces_and_any_letters(tmp_path: Path) -> None:
    path = f"{tmp_path}/mein modell ß.json"
    saved, loaded = Neuron(1, seed=0), Neuron(1, seed=1)
    save_model(path, saved)
    load_model(path, loaded)
    assert loaded.state_dict() == saved.state_dict()


@pytest.mark.parametrize("name", ["../secret", "/secret", "..", "secret\\0", "secret"])
def test_fault_100_a_name_in_a_file_is_never_taken_for_a_path(tmp_path: Path, name: str) -> None:
    save_model(tmp_path / "secret", MLP(1, [1], seed=0))
    folder = tmp_path / "models"
    folder.mkdir()

    class Named(Module):
        def __init__(self) -> None:
            self.child = Neuron(1, seed=0)

        def state_dict(self) -> dict[str, Any]:
            return {name: 1.0}

    save_model(folder / "model.json", Named(), {"file": name})
    assert [*tmp_path.rglob("*")] == [tmp_path / "secret", folder, folder / "model.json"]
    with pytest.raises(CheckpointError, match=f"{re.escape(name)} is not in the model"):
        load_model(folder / "model.json", Named())
