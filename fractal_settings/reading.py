"""Reading files that a stranger may have made: bounded, regular ones only, never half a file."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path

KIB = 1024
MAX_DOCUMENT = 1024 * KIB
MAX_DOTENV = 64 * KIB
MAX_SECRET = 64 * KIB

_ATTEMPTS = 5
_LOOKS = 3
_KINDS = {
    stat.S_IFDIR: "a directory",
    stat.S_IFIFO: "a FIFO",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
}


class UnreadableError(Exception):
    """A file that is there and cannot be used.

    Attributes:
        code: of the problem to report.
        reason: what is wrong, to follow the file's name in a sentence.
        line: where, counted from 1; 0 where there is no line.
        hint: the fix.
        column: where in the line, counted from 1; or 0.
    """

    def __init__(
        self, code: str, reason: str, *, hint: str, line: int = 0, column: int = 0
    ) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
        self.hint = hint
        self.line = line
        self.column = column


def read_regular(path: str | Path, *, limit: int, dir_fd: int | None = None) -> bytes:
    """Read a regular file whole, following links.

    Args:
        path: relative to `dir_fd`, where one is given.
        limit: the largest size accepted, in bytes.
        dir_fd: an open directory.

    Raises:
        FileNotFoundError: nothing has that name (a link to nowhere is something).
        UnreadableError: it is no regular file, too large, unreadable, or changes all the time.
    """
    for _ in range(_ATTEMPTS):
        try:
            content = _read_once(path, limit=limit, dir_fd=dir_fd)
        except FileNotFoundError:  # a link on the way may just have been replaced
            if is_gone(path, dir_fd):
                raise
            continue
        if content is not None:
            return content
    if _leads_nowhere(path, dir_fd):
        raise UnreadableError(
            "FS102", "is a link to a file that does not exist", hint="mend or remove the link"
        )
    raise UnreadableError(
        "FS120",
        "changed each time it was read",
        hint="write it to another name and rename it, so that readers see it whole",
    )


def _read_once(path: str | Path, *, limit: int, dir_fd: int | None) -> bytes | None:
    """The content, or None if it changed while it was read."""
    try:
        _refuse_special(os.stat(path, dir_fd=dir_fd))
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=dir_fd)
        try:
            before = os.fstat(descriptor)
            _refuse_special(before)
            data = _read_at_most(descriptor, limit + 1)
            after = os.fstat(descriptor)
        finally:
            os.close(descriptor)
    except FileNotFoundError:
        raise
    except (OSError, ValueError) as error:
        raise _unreadable(error) from None
    if len(data) > limit:
        raise too_large(limit)
    if (before.st_mtime_ns, before.st_size) != (after.st_mtime_ns, after.st_size):
        return None
    return data


def too_large(limit: int) -> UnreadableError:
    """The refusal of what is larger than a limit, in bytes."""
    size = f"{limit // KIB} KiB"
    return UnreadableError("FS104", f"is larger than {size}", hint=f"keep it below {size}")


def _read_at_most(descriptor: int, limit: int) -> bytes:
    parts = []
    while limit > 0 and (part := os.read(descriptor, min(limit, 256 * KIB))):
        parts.append(part)
        limit -= len(part)
    return b"".join(parts)


def _refuse_special(status: os.stat_result) -> None:
    kind = stat.S_IFMT(status.st_mode)
    if kind != stat.S_IFREG:
        raise UnreadableError(
            "FS103",
            f"is {_KINDS.get(kind, 'no regular file')}, not a regular file",
            hint="put a regular file, or a link to one, in its place",
        )


def is_gone(path: str | Path, dir_fd: int | None = None) -> bool:
    """Whether nothing has the name; a link to nowhere is something.

    A name may be missed once while a link on the way to it is replaced.
    """
    for _ in range(_LOOKS):
        with suppress(OSError, ValueError):
            os.stat(path, dir_fd=dir_fd, follow_symlinks=False)
            return False
    return True


def _leads_nowhere(path: str | Path, dir_fd: int | None) -> bool:
    try:
        os.stat(path, dir_fd=dir_fd)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return False


def _unreadable(error: OSError | ValueError) -> UnreadableError:
    if isinstance(error, ValueError):
        return UnreadableError(
            "FS102", "has a name with a NUL character", hint="name it without NUL"
        )
    if error.errno in (errno.EACCES, errno.EPERM):
        return UnreadableError(
            "FS102",
            f"cannot be read by user {os.geteuid()}: permission denied",
            hint="let the user that runs the server read it (chmod or chown)",
        )
    if error.errno == errno.ELOOP:
        return UnreadableError("FS102", "is a link that leads to itself", hint="mend the link")
    reason = os.strerror(error.errno) if error.errno else "unknown error"
    return UnreadableError(
        "FS102", f"cannot be read: {reason.lower()}", hint="make the path lead to a readable file"
    )


def decode(data: bytes) -> str:
    """The text of a UTF-8 file.

    Raises:
        UnreadableError: it is not UTF-8, or starts with a byte order mark.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnreadableError(
            "FS105", "is UTF-16, not UTF-8", line=1, hint="save the file as UTF-8"
        )
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        start = data.rfind(b"\n", 0, error.start) + 1
        column = len(data[start : error.start].decode("utf-8")) + 1
        raise UnreadableError(
            "FS105",
            f"is not UTF-8: byte 0x{data[error.start]:02x} in line {line}",
            line=line,
            column=column,
            hint="save the file as UTF-8",
        ) from None
    if text.startswith("\ufeff"):
        raise UnreadableError(
            "FS105",
            "starts with a byte order mark",
            line=1,
            column=1,
            hint="save the file as UTF-8 without a byte order mark (BOM)",
        )
    return text
