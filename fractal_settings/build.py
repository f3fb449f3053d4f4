"""Merged values into `Settings`; each refusal becomes a problem, and none hides another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pydantic import ValidationError

from .checks.facts import Check, Facts, run
from .checks.values import DIRECT
from .interpreters import (
    DEFAULT_VERSION,
    INTERPRETERS,
    VERSIONS,
    Defaulting,
    ServerPython,
    default_interpreters,
    interpreter_name,
)
from .located import assign, located, shown
from .model import Settings
from .problems import FractalConfigurationError, Problem, errors, log, problem
from .redact import printable
from .world import working_directory

if TYPE_CHECKING:
    from .merge import Merged


class Built(NamedTuple):
    """Settings, or what could be had of them.

    Attributes:
        settings: None if a value was refused.
        values: every value that is right, defaults and derived ones included.
        problems: refusals.
        defaulting: what became of the interpreters.
    """

    settings: Settings | None
    values: dict[str, object]
    problems: list[Problem]
    defaulting: Defaulting

    def __repr__(self) -> str:
        return f"Built({self.problems})"


def build(
    given: Mapping[str, object],
    *,
    python: Callable[[], ServerPython],
    cwd: Path,
    merged: Merged | None = None,
    into: Settings | None = None,
) -> Built:
    """Validate raw values.

    Args:
        given: raw values of settings, without the OAUTH_ variables.
        python: finds the server's Python; called only if no default version is given.
        cwd: the working directory, for relative directories.
        merged: where the values stand, for the problems.
        into: the instance to fill; a new one by default.
    """
    defaulting = default_interpreters(given, python)
    problems = _interpreter_problems(given, defaulting, merged)
    settings = into if into is not None else Settings.__new__(Settings)
    refused = _validate(settings, defaulting.values, cwd)
    if not refused:
        return Built(None if errors(problems) else settings, dict(settings), problems, defaulting)
    problems += _refusals(refused, given, merged)
    rest = {name: value for name, value in defaulting.values.items() if name not in refused}
    partial = Settings.__new__(Settings)
    _validate(partial, rest, cwd)
    values = {name: value for name, value in partial if name not in refused}
    return Built(None, values, problems, defaulting)


def _refusals(
    refused: Mapping[str, tuple[str, str]], given: Mapping[str, object], merged: Merged | None
) -> list[Problem]:
    from .refusals import refusal

    return [
        refusal(name, given.get(name), code, reason, merged)
        for name, (code, reason) in refused.items()
    ]


def _validate(
    settings: Settings, values: Mapping[str, object], cwd: Path
) -> dict[str, tuple[str, str]]:
    """Fill the instance; return code and reason for each name that is refused."""
    try:
        Settings.__pydantic_validator__.validate_python(
            dict(values), self_instance=settings, context={"cwd": cwd}
        )
    except ValidationError as error:
        from .refusals import code_of

        return {
            str(each["loc"][0]): code_of(str(each["loc"][0]), each.get("ctx", {}), each["type"])
            for each in error.errors(include_url=False, include_input=False)
        }
    return {}


def _interpreter_problems(
    given: Mapping[str, object], defaulting: Defaulting, merged: Merged | None
) -> list[Problem]:
    from .readers import absolute

    found: list[Problem] = []
    if defaulting.missing:
        version = given[DEFAULT_VERSION]
        missing = defaulting.missing
        origin = merged.origin(DEFAULT_VERSION) if merged else None
        found.append(
            located(
                problem(
                    "FS210",
                    f"{DEFAULT_VERSION} is {shown(DEFAULT_VERSION, version)}, and {missing} is "
                    "missing",
                    name=DEFAULT_VERSION,
                    origin=origin,
                    expected=f"{missing}, the absolute path of a Python {version}",
                    hint=assign(origin, missing, f"/usr/bin/python{version}"),
                ),
                merged,
            )
        )
    for name in defaulting.discarded:
        try:
            absolute(given[name])
        except ValueError as error:  # PydanticCustomError is one
            context = getattr(error, "context", None) or {}
            found += _refusals({name: (str(context["code"]), "")}, given, merged)
    if defaulting.python and defaulting.unsuitable:
        found.append(_unsuitable_python(defaulting.python))
    return found


def _unsuitable_python(python: ServerPython) -> Problem:
    what = (
        f"{printable(python.executable)}: {printable(python.failure)}"
        if python.failure
        else f"{printable(python.executable)} is Python {printable(python.version)}"
    )
    return problem(
        "FS211",
        f"{DEFAULT_VERSION} is unset, and the server's Python is none it can be: {what} "
        f"({python.why})",
        name=DEFAULT_VERSION,
        expected=f"{DEFAULT_VERSION} with its interpreter, or a server's Python of "
        f"{', '.join(VERSIONS)}",
        hint="name the server's Python with --server-python or FRACTAL_SERVER_PYTHON, or set "
        "the default version and its interpreter",
    )


def defaulting_notes(
    given: Mapping[str, object], defaulting: Defaulting, merged: Merged | None
) -> Iterable[Problem]:
    """What the defaulting did, as notes (D6, D13)."""
    python = defaulting.python
    if python is None or defaulting.unsuitable:
        return
    name = interpreter_name(python.version)
    yield problem(
        "FS228",
        f"{DEFAULT_VERSION} is unset: it becomes {python.version}, and {name} becomes "
        f"{printable(python.executable)} ({python.why})",
        name=DEFAULT_VERSION,
        hint="name the server's Python with --server-python or FRACTAL_SERVER_PYTHON, or set "
        "the default version and its interpreter",
    )
    for each in defaulting.discarded:
        found = located(
            problem(
                "FS227",
                f"{each} was discarded, because {DEFAULT_VERSION} is unset: "
                f"{shown(each, given[each])}",
                name=each,
                hint=assign(
                    merged.origin(each) if merged else None, DEFAULT_VERSION, INTERPRETERS[each]
                ),
            ),
            merged,
        )
        layers = tuple(say._replace(status="discarded") for say in found.layers)
        yield found._replace(layers=layers)


def build_direct(settings: Settings, values: dict[str, object]) -> None:
    """Fill an instance that is made of values, not loaded; what was given is forgotten after.

    Warnings and notes are logged (spec rule 11).

    Raises:
        FractalConfigurationError: with every refusal. No local name holds a secret then.
    """
    from .interpreters import OWN

    cwd = working_directory()
    built = build(values, python=lambda: OWN, cwd=cwd, into=settings)
    problems = built.problems
    refused = bool(errors(problems))
    if not refused:
        log(run(DIRECT, Facts(built.values, cwd=cwd, given=values)))
        log(defaulting_notes(values, built.defaulting, None))
    values.clear()
    del built
    if refused:
        raise FractalConfigurationError(problems)


def refuse_settings(settings: Settings, checks: Iterable[Check]) -> None:
    """Run checks on settings; warnings and notes are logged (spec rule 11).

    Raises:
        FractalConfigurationError: a check finds an error.
    """
    problems = run(checks, facts_of(settings))
    log(problems)
    if errors(problems):
        raise FractalConfigurationError(problems)


def facts_of(settings: Settings) -> Facts:
    """What the checks of settings may look at: what `load` remembered, or this process."""
    import os

    context = settings._context  # noqa: SLF001 - it is remembered for this
    direct = context.merged is None
    return Facts(
        dict(settings),
        context.merged,
        context.environment,
        context.cwd or working_directory(),
        os.environ.get("PATH") if direct else context.path,
    )
