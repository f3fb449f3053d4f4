"""Reading several files of a folder, all of one version, while somebody deploys another.

A deployment replaces a link: that of the folder itself, or Kubernetes' `..data` inside it, through
which the links beside it lead. The version before may be removed soon after.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from .reading import UnreadableError, is_gone, read_regular

_SWAPS = 200
_LONGEST_WAIT = 5.0
_TURN = threading.Lock()
_KUBERNETES_LINK = "..data"
_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


class Version(NamedTuple):
    """The files of one version of a folder.

    Attributes:
        names: of all files, sorted.
        contents: of those that were wanted, or what is wrong with them.
    """

    names: tuple[str, ...]
    contents: dict[str, bytes | UnreadableError]


def read_version(folder: Path, wanted: Callable[[str], bool], *, limit: int) -> Version:
    """Read the wanted files of a folder, all of one version.

    Args:
        folder: absolute.
        wanted: tells by the name whether a file is to be read.
        limit: the largest size accepted of each, in bytes.

    Raises:
        OSError: the folder cannot be opened; a FileNotFoundError only if nothing has its name.
        ValueError: it has a name that none can have.
        UnreadableError: another version comes each time that it is read.
    """
    version = _read_once(folder, wanted, limit) or _read_in_turn(folder, wanted, limit)
    if version is not None:
        return version
    if folder.is_symlink() and not folder.exists():
        raise UnreadableError(
            "FS102", "is a link to a folder that does not exist", hint="mend or remove the link"
        )
    raise UnreadableError(
        "FS120",
        "was replaced by another each time it was read",
        hint="let some time pass between two deployments",
    )


def _read_in_turn(folder: Path, wanted: Callable[[str], bool], limit: int) -> Version | None:
    """What is there at last; None if it was replaced each time.

    Threads that read at once slow each other down, until no version outlasts a reading: those
    that missed one go on one by one. A child that was forked may find the lock held by nobody.
    """
    alone = _TURN.acquire(timeout=_LONGEST_WAIT)
    try:
        for _ in range(_SWAPS):
            version = _read_once(folder, wanted, limit)
            if version is not None:
                return version
    finally:
        if alone:
            _TURN.release()
    return None


def _read_once(folder: Path, wanted: Callable[[str], bool], limit: int) -> Version | None:
    """The version that is there; None if another one came meanwhile."""
    try:
        with _opened(folder) as descriptor:
            return _version(folder, descriptor, wanted, limit)
    except FileNotFoundError:
        if is_gone(folder):
            raise
    return None


def _version(
    folder: Path, descriptor: int, wanted: Callable[[str], bool], limit: int
) -> Version | None:
    """The version that is there; None if it was replaced or removed meanwhile."""
    names = sorted(os.listdir(descriptor))
    with _data(descriptor, names) as data:
        linked = _through(descriptor, data)
        # What is listed is complete if no other version had taken the place by then.
        if not (_is_still(folder, None, descriptor) and _is_still(None, descriptor, data)):
            return None
        contents: dict[str, bytes | UnreadableError] = {}
        for name in filter(wanted, names):
            place = data if name in linked else descriptor
            try:
                contents[name] = read_regular(name, limit=limit, dir_fd=place)
            except FileNotFoundError:  # this version is being removed
                return None
            except UnreadableError as unreadable:
                contents[name] = unreadable
        with _data(descriptor, names) as now:
            if (data is None) != (now is None):  # what it led to was just being replaced
                return None
    return Version(tuple(names), contents)


@contextmanager
def _opened(folder: Path | str, dir_fd: int | None = None) -> Iterator[int]:
    descriptor = os.open(folder, _FLAGS, dir_fd=dir_fd)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def _data(descriptor: int, names: list[str]) -> Iterator[int | None]:
    """Where Kubernetes' link leads now, opened; None if there is none, or it leads nowhere."""
    data = None
    if _KUBERNETES_LINK in names:
        with suppress(OSError):
            data = os.open(_KUBERNETES_LINK, _FLAGS, dir_fd=descriptor)
    try:
        yield data
    finally:
        if data is not None:
            os.close(data)


def _through(descriptor: int, data: int | None) -> set[str]:
    """The names of the links that lead through Kubernetes' link."""
    linked = set()
    for name in os.listdir(data) if data is not None else ():  # noqa: PTH208 - a descriptor
        with suppress(OSError):
            if os.readlink(name, dir_fd=descriptor) == f"{_KUBERNETES_LINK}/{name}":
                linked.add(name)
    return linked


def _is_still(folder: Path | None, parent: int | None, descriptor: int | None) -> bool:
    """Whether the path, or the link in the parent, leads to what was opened."""
    if descriptor is None:
        return True
    with suppress(OSError):
        there = os.stat(folder or _KUBERNETES_LINK, dir_fd=parent)
        return os.path.samestat(there, os.fstat(descriptor))
    return False
