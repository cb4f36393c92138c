"""python -m tests.notebooks: execute the course, and write its outputs, or check them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from tests.notebooks.building import executed, notebooks, read, text_of
from tests.notebooks.comparing import differences


def main(arguments: Sequence[str] | None = None) -> int:
    """Do so; the status is 1 if a check finds a difference."""
    parser = argparse.ArgumentParser("python -m tests.notebooks", description=__doc__)
    parser.add_argument("names", nargs="*", help="how names begin, as 03; all if nothing is named")
    parser.add_argument(
        "--check", action="store_true", help="compare, byte for byte, and write not"
    )
    options = parser.parse_args(arguments)
    chosen = [path for path in notebooks() if path.name.startswith(tuple(options.names) or ("",))]
    if not chosen:
        parser.error(f"no notebook's name begins with {' or '.join(options.names)}")

    status = 0
    for path in chosen:
        committed = read(path)
        fresh = executed(committed)
        text = text_of(fresh)
        same = path.read_text(encoding="utf-8") == text
        print(f"{path.name}: {len(text.encode()) / 1000:.0f} kB, {_verdict(same, options.check)}")
        if options.check and not same:
            status = 1
            print("\n".join(differences(committed, fresh)) or "but for how it was drawn or rounded")
        elif not same:
            path.write_text(text, encoding="utf-8")
    return status


def _verdict(same: bool, check: bool) -> str:
    if same:
        return "as it was"
    return "DIFFERENT" if check else "written"


if __name__ == "__main__":
    sys.exit(main())
