"""What the tests of one graph share: a bound on the work done."""

import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest


@pytest.fixture
def processor_seconds() -> Callable[[float], AbstractContextManager[None]]:
    """Return a context manager that stops what takes more processor time than that.

    A bound far above what linear work takes and far below what quadratic work takes tells the two
    apart on any machine, and without waiting for the end.
    """
    if not hasattr(signal, "setitimer"):
        pytest.skip("there is no timer of processor time here")

    @contextmanager
    def bound(seconds: float) -> Iterator[None]:
        def stop(*_: object) -> None:
            raise AssertionError(f"it takes more than {seconds} s of processor time")

        handler = signal.signal(signal.SIGVTALRM, stop)
        signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            signal.signal(signal.SIGVTALRM, handler)

    return bound
