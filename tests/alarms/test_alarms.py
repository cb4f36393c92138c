"""A small part of the many checks, and that they tell what is right from what is not.

The whole run is `python -m tests.alarms`.
"""

from __future__ import annotations

import pytest

from engine import ops
from tests.alarms import trials
from tests.alarms.__main__ import KINDS, main


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_right_raises_no_alarm(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    count = 50 if kind == "tensors" else 250
    assert main([kind, "--checks", str(count), "--seed", "6"]) == 0, capsys.readouterr().out
    assert f"{kind}: {count} checks of order 1, seed 6" in capsys.readouterr().out


def test_second_derivatives_raise_no_alarm(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--checks", "100", "--seed", "6", "--order", "2"]) == 0, capsys.readouterr().out


def test_every_small_error_is_caught(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--planted", "--checks", "200", "--seed", "6"]) == 0
    assert "200 checks of order 1, seed 6: 200 fail" in capsys.readouterr().out


def test_a_wrong_rule_is_an_alarm(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(ops.tanh, "derivatives", (lambda out, x: 1.0001 * (1.0 - out * out),))
    assert main(["ops", "--checks", str(len(trials.CASES) * 3)]) == 1
    assert "the derivative of tanh(" in capsys.readouterr().out


def test_an_error_that_is_missed_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tests.alarms.planted.FACTOR", 1.0 + 1e-15)
    monkeypatch.setattr("tests.alarms.planted.ROUNDING", 0.0)
    assert main(["--planted", "--checks", "20"]) == 1
    assert "planted at" in capsys.readouterr().out


def test_misuse() -> None:
    with pytest.raises(SystemExit):
        main(["opps"])
