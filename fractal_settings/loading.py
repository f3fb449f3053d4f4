"""Sources to settings: the way of the data, from end to end."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from .build import build, defaulting_notes
from .checks.facts import Facts, run
from .checks.values import ADVICE
from .clients import collect_clients
from .interpreters import (
    DEFAULT_VERSION,
    INTERPRETERS,
    OWN,
    VERSIONS,
    Defaulting,
    Named,
    ServerPython,
    server_python,
)
from .merge import Merged, merge
from .model import Context, Settings, names
from .names import ENV, OAUTH_LIST, SERVER_PYTHON, SETTINGS_DIR, is_oauth
from .origins import Origin, Say, Source, Status
from .problems import FractalConfigurationError, Problem, errors, log
from .redact import redacted
from .sources.dotenv import DotenvLines, read_dotenv
from .sources.environments import choose
from .sources.layers import Reading, Variables, display, in_order
from .sources.secret_files import mounts, pointed_files, secret_folders
from .sources.toml import Folder, folder_layers, read_folder
from .sources.variables import environment_layer, override_layer, stray_variables
from .world import World, outside, wrong_type


class Read(NamedTuple):
    """The sources, read.

    Attributes:
        reading: all layers, lowest first, and the problems of reading.
        folder: the settings folder, or None if there is none.
        environment: the one chosen, or empty.
        path: the PATH that the server would have, or None.
    """

    reading: Reading
    folder: Folder | None
    environment: str
    path: str | None


class Resolved(NamedTuple):
    """What a configuration amounts to, refused or not.

    Attributes:
        settings: the settings, or None if they are refused.
        problems: of reading and of values, warnings and notes included.
        environment: the one chosen, or empty.
        environments: those that a file of the folder has a section for.
        folder: the settings folder as reports show it, or empty.
        facts: what the checks look at.
    """

    settings: Settings | None
    problems: tuple[Problem, ...]
    environment: str
    environments: tuple[str, ...]
    folder: str
    facts: Facts
    defaulting: Defaulting
    merged: Merged

    def __repr__(self) -> str:
        return f"Resolved(environment={self.environment!r}, problems={self.problems!r})"

    @property
    def values(self) -> Mapping[str, object]:
        """Every value that is right, by name, defaults and derived ones included."""
        return self.facts.values

    def history(self, name: str) -> tuple[Say, ...]:
        """Every layer's say on the name, the effective one first, secrets redacted.

        A derived value comes first, with what it was derived from; a default comes last.
        """
        says = list(self.merged.history(name))
        if name in self.defaulting.discarded:
            origin = Origin(Source.DERIVED, f"from {DEFAULT_VERSION}, which is unset")
            says = [
                Say(origin, None, "used"),
                *(say._replace(status="discarded") for say in says),
            ]
        if name in self.defaulting.derived:
            origin = Origin(Source.DERIVED, f"from {self.defaulting.derived[name]}")
            says = [
                Say(origin, redacted(name, self.values.get(name)), "used"),
                *(say for say in says if say.status == "discarded"),
            ]
        if name == OAUTH_LIST:
            made_by = sorted(each for each in self.merged.values if is_oauth(each))
            return tuple(say for each in made_by for say in self.merged.history(each))
        if name in Settings.model_fields:
            default = Settings.model_fields[name].get_default(call_default_factory=True)
            status: Status = "overridden" if says else "used"
            says.append(Say(Origin(Source.DEFAULTS, name), redacted(name, default), status))
        return tuple(says)

    def origin(self, name: str) -> Origin:
        """Where the effective value comes from."""
        says = self.history(name)
        return says[0].origin if says else Origin(Source.DEFAULTS, name)


def resolve(
    environment: str | None = None,
    *,
    config_dir: str | Path | None = None,
    environ: Mapping[str, str] | None = None,
    cwd: str | Path | None = None,
    overrides: Mapping[str, object] | None = None,
    server_python: Named | None = None,
    static: bool = False,
) -> Resolved:
    """Resolve a configuration, and tell all that is wrong with it.

    Args:
        environment: the section to use; by default that of FRACTAL_ENV.
        config_dir: the settings folder; by default FRACTAL_SETTINGS_DIR, else config/ if it
            is there.
        environ: the environment variables; by default the process's own.
        cwd: the working directory; by default the process's own.
        overrides: values above all others, by name.
        server_python: the Python that runs the server (D6): an executable, or a pair of version
            and executable.
        static: whether only what is committed counts.

    Raises:
        TypeError: an argument is of a type that it cannot be.
    """
    wrong = wrong_type(environment, config_dir, environ, cwd, overrides)
    if not wrong:
        world = outside(environ, cwd)
        return _resolve(world, environment, config_dir, overrides, server_python, static=static)
    del environ, overrides  # a traceback may show the local names of its frames
    raise TypeError(wrong)


def _resolve(
    world: World,
    environment: str | None,
    config_dir: str | Path | None,
    overrides: Mapping[str, object] | None,
    server_python: Named | None,
    *,
    static: bool = False,
) -> Resolved:
    read = _read_sources(world, environment, config_dir, overrides, static=static)
    merged = merge(read.reading.layers)
    clients = collect_clients(merged)
    values = {name: value for name, value in merged.values.items() if not is_oauth(name)}
    values.pop(OAUTH_LIST, None)
    if clients.complete:
        values[OAUTH_LIST] = clients.complete
    built = build(
        values,
        python=lambda: _python(server_python, world, static=static),
        cwd=world.cwd,
        merged=merged,
    )
    facts = Facts(
        built.values,
        merged,
        read.environment,
        world.cwd,
        read.path,
        tuple(read.reading.obstacles),
        static,
        _base(read.folder, world),
        _near(read.reading.problems),
        frozenset(read.reading.unread),
        read.folder.files if read.folder else (),
        mounts(world.cwd, world.environ),
    )
    problems = [
        *read.reading.problems,
        *_known_missing([*clients.problems, *built.problems], read.reading),
    ]
    refused = bool(errors(problems))
    problems += run(ADVICE, facts)
    problems += [
        note
        for note in defaulting_notes(values, built.defaulting, merged)
        if not (note.code == "FS228" and static) and not _may_be_set(DEFAULT_VERSION, read.reading)
    ]
    settings = None if refused else built.settings
    if settings is not None:
        settings._context = Context(  # noqa: SLF001 - load is what the context is for
            merged, read.environment, world.cwd, read.path
        )
    return Resolved(
        settings,
        tuple(problems),
        read.environment,
        read.folder.all_environments if read.folder else (),
        read.folder.path if read.folder else "",
        facts,
        built.defaulting,
        merged,
    )


def load(
    environment: str | None = None,
    *,
    config_dir: str | Path | None = None,
    environ: Mapping[str, str] | None = None,
    cwd: str | Path | None = None,
    overrides: Mapping[str, object] | None = None,
    server_python: Named | None = None,
) -> Settings:
    """Load the settings, or refuse them with every problem at once.

    The arguments are those of `resolve`. Warnings are logged at WARNING, notes at INFO
    (spec rule 11).

    Raises:
        FractalConfigurationError: the configuration is refused.
        TypeError: an argument is of a type that it cannot be.
    """
    wrong = wrong_type(environment, config_dir, environ, cwd, overrides)
    if wrong:
        del environ, overrides  # as above
        raise TypeError(wrong)
    resolved = _resolve(outside(environ, cwd), environment, config_dir, overrides, server_python)
    del environ, overrides
    log(resolved.problems)
    if resolved.settings is None:
        raise FractalConfigurationError(resolved.problems)
    return resolved.settings


class _Once:
    """Loads when it is first called, and again after `cache_clear`; threads wait for the first."""

    def __init__(self, act: Callable[[], Settings]) -> None:
        self._act = act
        self._settings: Settings | None = None
        self._turn = threading.Lock()

    def __call__(self) -> Settings:
        """The settings of this process, loaded once; for FastAPI's `Depends`.

        Raises:
            FractalConfigurationError: the configuration is refused.
        """
        with self._turn:
            if self._settings is None:
                self._settings = self._act()
            return self._settings

    def cache_clear(self) -> None:
        """Forget them: the next call loads again."""
        with self._turn:
            self._settings = None


get_settings = _Once(load)


def _read_sources(
    world: World,
    environment: str | None,
    config_dir: str | Path | None,
    overrides: Mapping[str, object] | None,
    *,
    static: bool,
) -> Read:
    settings = names()
    chosen = environment or ("" if static else world.environ.get(ENV, ""))
    reading = Reading()
    folder = _folder(world, config_dir, static=static)
    if folder:
        reading.add(folder.reading)
        refusals = choose(folder, chosen)
        reading.obstruct(*refusals)
        if not refusals:
            reading.add(folder_layers(folder, chosen, settings))
    path = world.environ.get("PATH")
    if not static:
        dotenv, variables = read_dotenv(world.cwd, world.environ, settings)
        reading.add(dotenv)
        path = world.environ.get("PATH", variables.get("PATH"))
        reading.add(secret_folders(world.cwd, world.environ, settings))
        reading.add(environment_layer(world.environ, settings))
        reading.add(pointed_files(world.cwd, world.environ))
        reading.problems += _strays(world, dotenv, variables, settings)
    reading.add(override_layer(overrides, settings))
    reading.layers = in_order(reading.layers)
    return Read(reading, folder, chosen, path)


def _folder(world: World, config_dir: str | Path | None, *, static: bool) -> Folder | None:
    named = config_dir or ("" if static else world.environ.get(SETTINGS_DIR, ""))
    folder = world.cwd / (named or "config")
    return read_folder(folder, display(folder, world.cwd), named=bool(named), committed_only=static)


def _strays(
    world: World, dotenv: Reading, variables: Mapping[str, str], settings: frozenset[str]
) -> list[Problem]:
    found = list(
        stray_variables(world.environ, Variables(Source.ENVIRONMENT, world.environ), settings)
    )
    for layer in dotenv.layers:
        if isinstance(layer.places, DotenvLines):
            found += stray_variables(variables, layer.places, settings)
    return found


def _python(named: Named | None, world: World, *, static: bool) -> ServerPython:
    if static:
        if named is None and OWN.version not in VERSIONS:
            return OWN._replace(version=VERSIONS[-1])
        return server_python(named, None, world.environ.get("PATH"), world.cwd)
    variable, path = world.environ.get(SERVER_PYTHON), world.environ.get("PATH")
    return server_python(named, variable, path, world.cwd)


def _base(folder: Folder | None, world: World) -> Path | None:
    return (world.cwd / folder.path).parent if folder else None


_NEAR_SEARCHES = 100
_NEAR_NAMES = {"FS115", "FS116", "FS122", "FS127"}


def _near(problems: Iterable[Problem]) -> tuple[str, ...]:
    return tuple(each.name for each in problems if each.code in _NEAR_NAMES)[:_NEAR_SEARCHES]


def _known_missing(problems: Iterable[Problem], reading: Reading) -> list[Problem]:
    """Without what is called missing or empty where a place that could not be read may say it."""
    return [each for each in problems if not _may_be_said_elsewhere(each, reading)]


def _may_be_said_elsewhere(each: Problem, reading: Reading) -> bool:
    if each.code == "FS210":  # its name is the default version's; the interpreter is what lacks
        return bool(reading.obstacles) or not reading.unread.isdisjoint(INTERPRETERS)
    if each.code == "FS216":
        return each.name in reading.unread
    return each.code in {"FS211", "FS212"} and _may_be_set(each.name, reading)


def _may_be_set(name: str, reading: Reading) -> bool:
    return bool(reading.obstacles) or name in reading.unread
