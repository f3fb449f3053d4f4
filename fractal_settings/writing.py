"""Writing files so that whoever reads them finds the old one or the new one, whole.

The new content goes to a neighbour of the file, which is flushed to disk and then takes the
file's name. A kill or a full disk leaves the old file as it was, and at most a neighbour that the
next writer of the same file removes.
"""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from .problems import FractalConfigurationError, Problem, problem
from .redact import printable

NEIGHBOURS = ".fractal-settings-*.tmp"
"""What an interrupted writer may leave; worth ignoring in git, for it may hold secrets."""

_PRIVATE = 0o600
_ACL = "system.posix_acl_access"
_ATTEMPTS = 5


class Draft(NamedTuple):
    """A file to be written.

    Attributes:
        path: where.
        text: what; a byte that is not UTF-8 as `surrogateescape` carries it.
        secret: whether no one but the file's owner may read it.
        adds: whether the text holds all that stands there, so that it may replace it unasked.
    """

    path: Path
    text: str
    secret: bool = False
    adds: bool = False


def write_file(draft: Draft, *, force: bool = False, follow_links: bool = False) -> None:
    """Write one file, whole or not at all.

    A new file that is secret has mode 0600 before its first byte is there; any other the mode that
    the umask leaves. A file that is replaced keeps its mode, owner and access list, except that a
    secret one keeps nothing for its group and others.

    Args:
        draft: the file.
        force: whether a file that is there may be replaced.
        follow_links: whether to write the file that a symbolic link points to; otherwise a link
            is refused.

    Raises:
        FractalConfigurationError: it cannot be written (FS701 to FS705); what was there is whole.
    """
    force = force or draft.adds
    try:
        path = Path(os.path.realpath(draft.path)) if follow_links else draft.path
        with _opened(path.parent) as folder:
            old = _standing(folder, path, force=force)
            _sweep(folder, path.name)
            _put(folder, path, old, draft, force=force)
            os.fsync(folder)
    except (OSError, ValueError) as error:
        raise FractalConfigurationError([_unwritable(draft.path, error)]) from None


def write_files(
    drafts: Iterable[Draft], *, force: bool = False, follow_links: bool = False
) -> None:
    """Write several files in order, each whole or not at all; none if one of them is in the way.

    Raises:
        FractalConfigurationError: as `write_file`.
    """
    drafts = tuple(drafts)
    refuse_obstacles(drafts, force=force, follow_links=follow_links)
    for draft in drafts:
        write_file(draft, force=force, follow_links=follow_links)


def refuse_obstacles(
    drafts: Iterable[Draft], *, force: bool = False, follow_links: bool = False
) -> None:
    """Refuse what would keep `write_file` from writing any of the files.

    Raises:
        FractalConfigurationError: all that is in the way, as far as it can be told beforehand.
    """
    found = [
        each
        for draft in drafts
        for each in obstacles(draft.path, force or draft.adds, follow_links=follow_links)
    ]
    if found:
        raise FractalConfigurationError(found)


def obstacles(path: Path, force: bool, *, follow_links: bool = False) -> tuple[Problem, ...]:  # noqa: FBT001
    """What would keep `write_file` from writing there, as far as it can be told beforehand."""
    try:
        path = Path(os.path.realpath(path)) if follow_links else path
        with _opened(path.parent) as folder:
            _standing(folder, path, force=force)
    except FractalConfigurationError as error:
        return error.problems
    except (OSError, ValueError) as error:
        return (_unwritable(path, error),)
    return ()


def make_folder(path: Path) -> None:
    """Make a folder and those around it, where they are missing.

    Raises:
        FractalConfigurationError: it cannot be made (FS704).
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        raise FractalConfigurationError([_unwritable(path, error)]) from None


@contextmanager
def _opened(folder: Path) -> Iterator[int]:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _standing(folder: int, path: Path, *, force: bool) -> os.stat_result | None:
    """What stands where the file goes, if it may be replaced."""
    try:
        status = os.stat(path.name or ".", dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return None
    found = _obstacle(path, status, force=force)
    if found:
        raise FractalConfigurationError([found])
    return status


def _obstacle(path: Path, status: os.stat_result, *, force: bool) -> Problem | None:
    if stat.S_ISLNK(status.st_mode):
        return problem(
            "FS702",
            f"{path} is a symbolic link, and writing would replace or follow it",
            hint="name the file that it points to, or pass --follow-links",
        )
    if not stat.S_ISREG(status.st_mode):
        return problem(
            "FS703",
            f"{path} is {'a directory' if stat.S_ISDIR(status.st_mode) else 'no regular file'}",
            hint="name a file to write",
        )
    if not force:
        return problem(
            "FS701",
            f"{path} is already there",
            hint="name another file, or pass --force to replace it",
        )
    if os.geteuid() not in (0, status.st_uid):
        return problem(
            "FS705",
            f"{path} belongs to user {status.st_uid}: user {os.geteuid()} would take it over",
            hint=f"run this as user {status.st_uid} or as root",
        )
    return None


def _put(folder: int, path: Path, old: os.stat_result | None, draft: Draft, *, force: bool) -> None:
    private = draft.secret or old is not None
    descriptor, neighbour = _create(folder, path.name, _PRIVATE if private else 0o666)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(draft.text.encode("utf-8", "surrogateescape"))
            file.flush()
            if old is not None:
                _dress(descriptor, f"/proc/self/fd/{folder}/{path.name}", old, draft.secret)
            os.fsync(descriptor)
            _rename(folder, neighbour, path, replace=force)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(neighbour, dir_fd=folder)


def _dress(descriptor: int, path: str, old: os.stat_result, secret: bool) -> None:  # noqa: FBT001
    """Give the neighbour the owner, the access list and the mode of the file it replaces."""
    if (old.st_uid, old.st_gid) != (os.geteuid(), os.getegid()):
        os.fchown(descriptor, old.st_uid, old.st_gid)
    access_list = None
    with suppress(OSError):  # most files have none, and some filesystems know none
        access_list = os.getxattr(path, _ACL, follow_symlinks=False)
    if access_list is not None:
        os.setxattr(descriptor, _ACL, access_list)
    mode = stat.S_IMODE(old.st_mode)
    os.fchmod(descriptor, mode & 0o700 if secret else mode)


def _rename(folder: int, neighbour: str, path: Path, *, replace: bool) -> None:
    if not replace:
        try:  # unlike a rename, a link fails where somebody was quicker
            os.link(neighbour, path.name, src_dir_fd=folder, dst_dir_fd=folder)
        except FileExistsError:
            _standing(folder, path, force=False)
            raise
        except OSError as error:
            if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK):
                raise
            _standing(folder, path, force=False)  # a filesystem without links, such as FAT
        else:
            return
    os.rename(neighbour, path.name, src_dir_fd=folder, dst_dir_fd=folder)


def _prefix(name: str) -> str:
    # Hashed: the neighbour's name stays short enough where the file's is as long as can be.
    digest = sha256(os.fsencode(name)).hexdigest()[:12]
    return f"{NEIGHBOURS.split('*', maxsplit=1)[0]}{digest}-"


def _create(folder: int, name: str, mode: int) -> tuple[int, str]:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    for _ in range(_ATTEMPTS):
        neighbour = f"{_prefix(name)}{secrets.token_hex(4)}.tmp"
        descriptor = os.open(neighbour, flags, mode, dir_fd=folder)
        with suppress(OSError):  # a filesystem without locks: nobody sweeps there either
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        if os.fstat(descriptor).st_nlink:
            break
        os.close(descriptor)  # another writer took it for a leftover before it was locked
    return descriptor, neighbour


def _sweep(folder: int, name: str) -> None:
    """Remove what killed writers of the same file left: a living one holds a lock on its own."""
    for each in os.listdir(folder):
        if not each.startswith(_prefix(name)):
            continue
        with suppress(OSError):
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
            descriptor = os.open(each, flags, dir_fd=folder)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                os.unlink(each, dir_fd=folder)
            finally:
                os.close(descriptor)


_HINTS = {
    errno.ENOSPC: "make room on that filesystem; what was there before is untouched",
    errno.EDQUOT: "make room in that user's quota; what was there before is untouched",
    errno.ENOENT: "make the folder first, or name another",
    errno.ENOTDIR: "name a path whose folders are folders",
    errno.EROFS: "name a path on a filesystem that can be written",
}


def _unwritable(path: Path, error: OSError | ValueError) -> Problem:
    name = printable(str(path))
    if isinstance(error, ValueError):
        return problem(
            "FS704",
            f"{name} cannot be written: its name has a NUL character",
            hint="name it without NUL",
        )
    number = error.errno or 0
    who = f" by user {os.geteuid()}" if number in (errno.EACCES, errno.EPERM) else ""
    return problem(
        "FS704",
        f"{name} cannot be written{who}: {os.strerror(number).lower()}",
        hint=_HINTS.get(number, "let this user write to the folder, or name another path"),
    )
