"""The same seed gives the same bits in every process, whatever its hash seed and its core."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

PROGRAM = """
import nn
mlp = nn.MLP(2, [5, 4, 3], activation="tanh", seed=1)
inputs = [[i * 0.1, (i * 7 % 5) * 0.3] for i in range(20)]
targets = [i % 3 for i in range(20)]
optimizer = nn.SGD(mlp.parameters(), lr=0.1, momentum=0.9)
trainer = nn.Trainer(mlp, "cross_entropy", optimizer, seed=2, progress=False, backend="value")
history = trainer.fit(inputs, targets, epochs=3, batch_size=6, validation=(inputs, targets))
print([loss.hex() for loss in history["loss"] + history["val_loss"]])
print([parameter.grad.hex() for parameter in mlp.parameters()])
print([number.hex() for number in mlp.state_dict().values()])
"""


@pytest.mark.slow(reason="12 processes")
def test_a_seeded_training_has_the_same_bits_in_12_processes() -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM],
            env={
                **os.environ,
                "PYTHONHASHSEED": str(hash_seed),
                "STEPGRAD_PLAIN": str(hash_seed % 2),  # every other one in plain Python
            },
            stdout=subprocess.PIPE,
            text=True,
        )
        for hash_seed in range(12)
    ]
    outputs = [process.communicate()[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * 12
    assert len(outputs[0].splitlines()) == 3
    assert len(set(outputs)) == 1
