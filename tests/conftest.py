"""What all tests share: the oracles on the path, and how many examples Hypothesis tries."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from hypothesis import settings

# Last, so that an installed engine goes before the sources that lie beside the tests.
sys.path.append(str(Path(__file__).parents[1]))

# No deadline: the time of an example says nothing on a busy machine. In CI the same examples
# every time; elsewhere new ones. `--hypothesis-profile quick` tries fewer.
DERANDOMIZE = bool(os.environ.get("CI"))
settings.register_profile("full", deadline=None, derandomize=DERANDOMIZE, max_examples=100)
settings.register_profile("quick", settings.get_profile("full"), max_examples=20)
settings.load_profile("full")
