"""FS600 and FS601: the probes themselves."""

from __future__ import annotations

from ...problems import Severity
from ..entry import Entry, example

ENTRIES: tuple[Entry, ...] = (
    Entry(
        "FS600",
        "A probe broke down",
        Severity.ERROR,
        "The process of a probe ended before it had said all. Nothing is known of the service, so "
        "it cannot be called well. It may have been killed, for want of memory or by hand.",
        "Run `doctor` again. If it happens again, leave the service out with `--skip`, and report "
        "it with what stands on standard error.",
        example(None, ("doctor",), needs="somebody who kills the process of a probe"),
        example(None, ("doctor", "--only", "directories")),
    ),
    Entry(
        "FS601",
        "A probe did not end in time",
        Severity.ERROR,
        "The probe was still at work when its time was up, and was stopped with all that it had "
        "started. Most services that give no answer have a code of their own; this one is for the "
        "rest, such as a machine that is too busy to start a program.",
        "Give it more time with `--timeout`.",
        example(None, ("doctor", "--timeout", "0.001"), needs="a service that is slower than this"),
        example(None, ("doctor", "--only", "directories")),
    ),
)
