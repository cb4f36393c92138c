"""Every public row of the op table has the battery that any primitive gets by one line."""

import engine
from engine.testing import gradtest
from engine.testing.oracles.reference import rows

ROWS = [row for row in rows() if getattr(engine, getattr(row, "name", ""), None) is row]

globals().update({f"battery_of_{row.name}": gradtest(row, order=1) for row in ROWS})


def test_most_rows_are_public() -> None:
    assert len(ROWS) >= 65
