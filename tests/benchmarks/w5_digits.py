"""W5 digits: from the start of Python to 97 % of the held-out handwritten digits read right.

A contender is a whole process: it imports what it needs, reads scikit-learn's 1,797 images, trains
an MLP 64-64-10 with ReLU in float32 by SGD with momentum on batches of 32, four fifths of the
images in each epoch, and stops after the first epoch at whose end it is that good. Data, split,
initial weights and batches are the same for all but scikit-learn, which draws the last two itself.
All read the images the same quick way, without the second that the import of scikit-learn takes.
"""

from __future__ import annotations

import math
import random
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter
from typing import Any

from .contender import Contender, Measurement, Program, Workload

ROOT = Path(__file__).parents[2]
WIDTHS, BATCH, RATE, MOMENTUM = (64, 64, 10), 32, 0.05, 0.9
TRAINED, TARGET, EPOCHS = 1437, 0.97, 100


def digits() -> tuple[Any, Any, Any, Any]:
    """Read the images and labels to train on, then those to test on, in an order drawn once."""
    import numpy as np

    package = find_spec("sklearn")
    assert package is not None  # as the contenders' needs say
    assert package.submodule_search_locations is not None
    file = Path(package.submodule_search_locations[0], "datasets", "data", "digits.csv.gz")
    table = np.loadtxt(file, delimiter=",", dtype=np.float32)
    order = list(range(len(table)))
    random.Random(0).shuffle(order)
    table = table[order]
    images, labels = table[:, :-1] / 16, table[:, -1].astype(np.int64)
    return images[:TRAINED], labels[:TRAINED], images[TRAINED:], labels[TRAINED:]


def weights(inputs: int, outputs: int) -> list[list[float]]:
    """Draw the weights of a layer by He's rule; the biases start at 0."""
    rng = random.Random(inputs + outputs)
    bound = math.sqrt(6 / inputs)
    return [[rng.uniform(-bound, bound) for _ in range(inputs)] for _ in range(outputs)]


def batches(epoch: int) -> Iterator[list[int]]:
    """Yield the rows of each batch of an epoch."""
    order = list(range(TRAINED))
    random.Random(epoch).shuffle(order)
    for start in range(0, TRAINED, BATCH):
        yield order[start : start + BATCH]


def with_stepgrad() -> Iterator[float]:
    """Train as a user of stepgrad does, and yield the test accuracy after each epoch."""
    import numpy as np

    from engine import no_grad
    from nn import SGD, losses
    from nn.layers import Activation, Linear, Sequential

    images, labels, test_images, test_labels = digits()
    layers = [Linear(64, 64, init="zeros", dtype="float32"), Linear(64, 10, dtype="float32")]
    for layer in layers:
        layer.weight.data = np.array(weights(layer.inputs, layer.outputs))
    net = Sequential(layers[0], Activation("relu"), layers[1])
    optimizer = SGD(net.parameters(), lr=RATE, momentum=MOMENTUM)
    for epoch in range(EPOCHS):
        for rows in batches(epoch):
            loss = losses.cross_entropy(net(images[rows]), labels[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        with no_grad():
            guesses = net(test_images).data.argmax(1)
        yield float((guesses == test_labels).mean())


def with_torch() -> Iterator[float]:
    """Train as a user of torch does, and yield the test accuracy after each epoch."""
    import torch

    torch.set_num_threads(1)
    images, labels, test_images, test_labels = map(torch.from_numpy, digits())
    layers = [torch.nn.Linear(64, 64), torch.nn.Linear(64, 10)]
    with torch.no_grad():
        for layer in layers:
            layer.weight.copy_(torch.tensor(weights(layer.in_features, layer.out_features)))
            layer.bias.zero_()
    net = torch.nn.Sequential(layers[0], torch.nn.ReLU(), layers[1])
    optimizer = torch.optim.SGD(net.parameters(), lr=RATE, momentum=MOMENTUM)
    for epoch in range(EPOCHS):
        for rows in batches(epoch):
            loss = torch.nn.functional.cross_entropy(net(images[rows]), labels[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            guesses = net(test_images).argmax(1)
        yield float((guesses == test_labels).double().mean())


def with_scikit_learn() -> Iterator[float]:
    """Train scikit-learn's classifier with the same settings."""
    from sklearn.neural_network import MLPClassifier

    images, labels, test_images, test_labels = digits()
    classifier = MLPClassifier(
        WIDTHS[1:-1],
        solver="sgd",
        alpha=0.0,
        batch_size=BATCH,
        learning_rate_init=RATE,
        momentum=MOMENTUM,
        nesterovs_momentum=False,
        random_state=0,
    )
    for _ in range(EPOCHS):
        classifier.partial_fit(images, labels, classes=list(range(10)))
        yield float(classifier.score(test_images, test_labels))


TRAININGS: dict[str, Callable[[], Iterator[float]]] = {
    "stepgrad": with_stepgrad,
    "torch": with_torch,
    "scikit-learn": with_scikit_learn,
}


def reached(training: str, target: float) -> bool:
    """Train until the accuracy is there, and tell whether it ever was."""
    return any(accuracy >= target for accuracy in TRAININGS[training]())


def run(training: str, target: float) -> Measurement:
    """Time the process of a training; an error if it never gets there."""
    command = [sys.executable, "-m", __name__, training, str(target)]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = perf_counter()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    elapsed = perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise RuntimeError(f"{training} ended with {done.returncode}: {done.stderr[-300:]}")
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"time": elapsed, "processor time": used}


def build(training: str, smoke: bool) -> Program:
    """Make a contender; in a smoke run half of the digits read right will do, and one process."""
    target = 0.5 if smoke else TARGET
    first: list[Measurement] = []

    def answers() -> list[float]:
        first.append(run(training, target))
        return [1.0]  # it got there, for else there is an error

    def measured() -> Measurement:
        return first[0] if smoke else run(training, target)

    return Program(answers, {f"to {target:.0%}, imports included": measured})


def reference(_smoke: bool) -> list[float]:
    return [1.0]


WORKLOAD = Workload(
    name="W5",
    title="digits: MLP 64-64-10 to 97 % test accuracy, whole processes",
    contenders=(
        Contender("stepgrad", partial(build, "stepgrad"), ("nn.layers", "sklearn")),
        Contender(
            "stepgrad, plain Python",
            partial(build, "stepgrad"),
            ("nn.layers", "sklearn"),
            plain=True,
        ),
        Contender("torch eager", partial(build, "torch"), ("torch", "sklearn")),
        Contender("scikit-learn", partial(build, "scikit-learn"), ("sklearn",)),
    ),
    reference=reference,
    units={"time": "s", "processor time": "s"},
)

if __name__ == "__main__":
    sys.exit(0 if reached(sys.argv[1], float(sys.argv[2])) else 1)
