"""What a check may look at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ..located import located
from ..origins import Origin
from ..problems import Details, Problem, problem

if TYPE_CHECKING:
    from typing import Unpack

    from ..merge import Merged
    from ..sources.toml import TomlFile


class Facts(NamedTuple):
    """The values that are right, where they came from, and the machine to look at.

    Attributes:
        values: validated, defaults included; a refused one is absent. Holds secrets.
        merged: the raw values and their layers; None for settings made directly.
        environment: the one chosen, or empty.
        cwd: the working directory.
        path: where commands are looked for; None if there is no PATH.
        obstacles: the problems for which a place could not be read; with one, nothing can be called
            missing.
        static: whether only what is committed counts, not this machine.
        base: what relative JSON paths are relative to.
        near: names that were given and have no effect.
        unread: names whose own file could not be read.
        files: those of the settings folder, lowest first.
        mounts: the folders of secret files that the environment names.
        given: the raw values of settings made directly. Holds secrets.
    """

    values: Mapping[str, object]
    merged: Merged | None = None
    environment: str = ""
    cwd: Path = Path()
    path: str | None = None
    obstacles: tuple[Problem, ...] = ()
    static: bool = False
    base: Path | None = None
    near: tuple[str, ...] = ()
    unread: frozenset[str] = frozenset()
    files: tuple[TomlFile, ...] = ()
    mounts: tuple[Path, ...] = ()
    given: Mapping[str, object] = {}

    def __repr__(self) -> str:
        return f"Facts(environment={self.environment!r}, cwd={str(self.cwd)!r})"

    def text(self, name: str) -> str | None:
        """The value of a text setting, or None if it is unset or refused."""
        value = self.values.get(name)
        return value if isinstance(value, str) else None

    @property
    def raw(self) -> Mapping[str, object]:
        """The effective raw values by name."""
        return self.merged.values if self.merged else self.given

    def origin(self, name: str) -> Origin | None:
        """Where the effective value stands, if a layer gives one."""
        return self.merged.origin(name) if self.merged else None

    def problem(self, code: str, message: str, **details: Unpack[Details]) -> Problem:
        """A problem at the place of the value of its name."""
        return located(problem(code, message, **details), self.merged)

    def raw_text(self) -> Iterable[tuple[str, str]]:
        """Every text that a layer or the caller gave, by name, the OAUTH_ ones included."""
        return ((name, value) for name, value in self.raw.items() if isinstance(value, str))


Check = Callable[[Facts], Iterable[Problem]]


def run(checks: Iterable[Check], facts: Facts) -> list[Problem]:
    """All that the checks find, in their order."""
    return [found for check in checks for found in check(facts)]
