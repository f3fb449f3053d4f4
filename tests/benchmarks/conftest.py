import pytest

TABLE = pytest.StashKey[list[str]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[TABLE] = []


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    lines = terminalreporter.config.stash[TABLE]
    if lines:
        terminalreporter.section("benchmarks, medians of several turns")
        for line in lines:
            terminalreporter.write_line(line)


@pytest.fixture
def table(request: pytest.FixtureRequest) -> list[str]:
    """Lines that the end of the run shows."""
    return request.config.stash[TABLE]
