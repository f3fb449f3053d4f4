"""Which environment of a settings folder was chosen, and whether it is one."""

from __future__ import annotations

from collections.abc import Collection

from ..located import quoted, shown
from ..origins import Origin, Source
from ..problems import Problem, problem
from ..redact import printable
from .toml import DEFAULT, RESERVED, Folder

_SHOWN_SECTIONS = 12


def choose(folder: Folder, environment: str | None) -> list[Problem]:
    """The refusals of a choice of environment, or of none.

    A container must never run on the values of another environment because a variable was
    forgotten or misspelt.
    """
    if folder.reading.obstacles:
        return []
    origin = Origin(Source.SETTINGS, path=folder.files[0].path if folder.files else folder.path)
    listed = _listed(folder.environments)
    if not environment:
        if not folder.environments:
            return []
        return [
            problem(
                "FS110",
                f"no environment was chosen, and {printable(origin.path)} has {listed}",
                name="FRACTAL_ENV",
                origin=origin,
                expected=f"one of: {listed}",
                hint=_choice(folder.environments[0]),
            )
        ]
    if environment.lower() in {DEFAULT, *RESERVED}:
        return [
            problem(
                "FS112",
                f"{shown('', environment)} is no environment: the name is reserved",
                name="FRACTAL_ENV",
                origin=origin,
                expected=f"one of: {listed}" if listed else "",
                hint="choose an environment that has a section of its own",
            )
        ]
    known = list(dict.fromkeys(name for file in folder.files for name in file.sections))
    if environment in known:
        return []
    return [_unknown_environment(environment, known, origin)]


def _unknown_environment(environment: str, known: list[str], origin: Origin) -> Problem:
    from difflib import get_close_matches

    environments = [name for name in known if name.lower() not in {DEFAULT, *RESERVED}]
    asked = environment.lower()
    near = [name for name in environments if asked.startswith(name.lower()[:3])]
    near = get_close_matches(environment, near or environments, n=1, cutoff=0 if near else 0.6)
    return problem(
        "FS111",
        f"no file has a section for environment {shown('', environment)}",
        name="FRACTAL_ENV",
        origin=origin,
        expected=f"one of: {_listed(environments)}" if environments else "",
        hint=_choice(near[0]) if near else f"write a section [{_key(environment)}]",
    )


def _choice(environment: str) -> str:
    """How an environment is chosen on a command line."""
    import shlex

    word = printable(shlex.quote(environment))
    return f"--env {word}, or FRACTAL_ENV={word}"


def _key(name: str) -> str:
    """A key as TOML writes it."""
    return name if name.isascii() and name.replace("-", "_").isidentifier() else quoted(name)


def _listed(sections: Collection[str]) -> str:
    shown = [f"[{printable(name)}]" for name in sections]
    if len(shown) > _SHOWN_SECTIONS:
        more = len(shown) - _SHOWN_SECTIONS
        return f"{', '.join(shown[:_SHOWN_SECTIONS])} and {more} more"
    return ", ".join(shown)
