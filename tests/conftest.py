"""What every test may rely on."""

import signal

import pytest

_USUAL = {
    signal.SIGINT: signal.default_int_handler,
    signal.SIGQUIT: signal.SIG_DFL,
    signal.SIGHUP: signal.SIG_DFL,
}


@pytest.fixture(scope="session", autouse=True)
def _signals_as_a_terminal_leaves_them() -> None:
    """A script's background job ignores interrupts, and so would all that the tests start."""
    for number, handler in _USUAL.items():
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, handler)
