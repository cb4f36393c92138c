"""Save a model to a file and load it back, to the last bit.

The file is JSON: a header, the arguments that build the model, each weight as `float.hex` or each
array of weights as its dtype, shape and little-endian bytes, and whatever else the caller keeps
with it. It is read as data alone; nothing in it is ever run.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
import os
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

from engine.errors import EngineError, OperandError
from nn.errors import CheckpointError
from nn.module import Module
from nn.neuron import MLP

FORMAT = "stepgrad model"
VERSION = 1
PathLike = str | os.PathLike[str]


def save_model(path: PathLike, model: Module, extra: Mapping[str, Any] | None = None) -> None:
    """Write a model to a file, so that the file is the old one or the new one and never between.

    Args:
        path: where to; its folder has to exist.
        model: a module; an MLP can be loaded without one at hand.
        extra: what is kept with it, as JSON can hold it.

    Raises:
        CheckpointError: the file cannot be written, or JSON cannot hold `extra`.
        OperandError: the model is no module.

    The same model and extra give the same bytes.
    """
    if not isinstance(model, Module):
        raise OperandError(
            f"save_model takes a path and then an nn.Module, got a {type(model).__name__} for it"
        )
    content = {
        "model": {"class": type(model).__name__, "config": model.config()},
        "weights": {name: encoded(item) for name, item in model.state_dict().items()},
        "extra": dict(extra or {}),
    }
    try:
        text = json.dumps(content, allow_nan=False, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise CheckpointError(f"{path}: extra is not for JSON: {error}") from error
    document = {"format": FORMAT, "version": VERSION, "sha256": digest(text), **json.loads(text)}
    write_whole(Path(path), json.dumps(document, indent=1, ensure_ascii=False) + "\n")


def load_model(path: PathLike, model: Module | None = None) -> tuple[Module, dict[str, Any]]:
    """Return the model of a file and the extra that was kept with it.

    Args:
        path: a file that `save_model` wrote.
        model: a module to load the weights into; None builds the MLP that was saved.

    Raises:
        CheckpointError: the file cannot be read, is damaged, is no saved model, is of a newer
            version, or does not fit the model.
    """
    document = read_document(path)
    saved, weights = document["model"], document["weights"]
    try:
        state = {name: decoded(item) for name, item in weights.items()}
        if model is None:
            model = build(path, saved, len(state))
        elif saved["class"] != type(model).__name__:
            raise CheckpointError(
                f"{path} holds the class {saved['class']}, the model to load into is a "
                f"{type(model).__name__}"
            )
        model.load_state_dict(state)
    except CheckpointError:
        raise
    except EngineError as error:
        raise CheckpointError(f"{path} does not fit its model: {error}") from error
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as error:
        raise damaged(path, f"{type(error).__name__}: {error}") from error
    return model, document["extra"]


def encoded(item: Any) -> str | dict[str, Any]:
    """Return a number or an array of weights as JSON holds it to the last bit."""
    if isinstance(item, float):
        return item.hex()
    content = item.astype(item.dtype.newbyteorder("<")).tobytes()
    return {
        "dtype": item.dtype.name,
        "shape": list(item.shape),
        "base64": base64.b64encode(content).decode(),
    }


def decoded(item: Any) -> Any:
    """Return the number or the array that `encoded` wrote; ValueError if it is neither."""
    if not isinstance(item, dict):
        return float.fromhex(item)
    import numpy as np  # which is loaded for Tensors only

    shape, width = item["shape"], {"float32": 4, "float64": 8}[item["dtype"]]
    content = base64.b64decode(item["base64"], validate=True)
    if any(type(size) is not int or size < 0 for size in shape):
        raise ValueError(f"{shape} is no shape")
    if math.prod(shape) * width != len(content):
        raise ValueError(f"{len(content)} bytes are no array of {item['dtype']} of shape {shape}")
    return np.frombuffer(content, f"<f{width}").reshape(shape)


def build(path: PathLike, saved: Mapping[str, Any], leaves: int) -> MLP:
    """Return the MLP that a file describes, if its size is that of the weights beside it."""
    if saved["class"] != "MLP" or saved["config"] is None:
        raise CheckpointError(
            f"{path} holds the class {saved['class']}, which cannot be built from it; make one "
            "and pass it as model"
        )
    widths = [saved["config"]["inputs"], *saved["config"]["widths"]]
    size = sum((before + 1) * after for before, after in pairwise(widths))
    if size != leaves:  # asked first, for a damaged width could ask for all memory
        raise damaged(path, f"an MLP of widths {widths} has {size} weights, the file {leaves}")
    return MLP(**saved["config"])


def read_document(path: PathLike) -> dict[str, Any]:
    """Return the content of a file that `save_model` wrote, after all that can be checked of it."""
    try:
        text = Path(path).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise foreign(path) from None
    except OSError as error:
        raise CheckpointError(f"cannot read {path}: {error.strerror}") from None
    if not text.strip():
        raise CheckpointError(f"{path} is empty")
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        if FORMAT not in text[:200]:
            raise foreign(path) from None
        raise damaged(path, f"line {error.lineno}, column {error.colno}: {error.msg}") from None
    except (RecursionError, ValueError):  # nested too deep, or a number of thousands of digits
        raise foreign(path) from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise foreign(path)
    version = document.get("version")
    if isinstance(version, int) and version > VERSION:
        raise CheckpointError(
            f"{path} is of format version {version}; this stepgrad reads up to version {VERSION}: "
            "upgrade it"
        )
    content = {key: document.get(key) for key in ("model", "weights", "extra")}
    if version != VERSION or not all(isinstance(part, dict) for part in content.values()):
        raise damaged(path, "a part is missing")
    if document.get("sha256") != digest(json.dumps(content, ensure_ascii=False)):
        raise damaged(path, "its content is not what its checksum says")
    return content


def write_whole(path: Path, text: str) -> None:
    """Write a file in one stroke: beside it first, to the disk, and then over it."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        try:
            with open(beside, "w", encoding="utf-8", newline="\n") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.replace(beside, path)
        finally:
            beside.unlink(missing_ok=True)
        sync_folder(path.parent)
    except OSError as error:
        raise CheckpointError(f"cannot write {path}: {error.strerror}") from error


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk, where the system can."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def digest(text: str) -> str:
    """Return the SHA-256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


def damaged(path: PathLike, fault: str) -> CheckpointError:
    """Return the error for a saved model that is not whole."""
    return CheckpointError(f"{path} is damaged: {fault}")


def foreign(path: PathLike) -> CheckpointError:
    """Return the error for a file that is something else."""
    return CheckpointError(f"{path} is not a saved model of stepgrad")
