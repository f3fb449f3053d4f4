"""Canaries: secrets that can be found in any text, whatever was made of it on the way."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterable
from functools import cached_property
from urllib.parse import quote, quote_plus

IN_ANY_CASE = {"percent, lower case", "percent, a query, lower case", "hex"}
PART = 8  # characters of a canary that are too many to be shown


class Canary:
    """A secret made up for one place.

    Its marks make each way of writing it look different; its two ends are found even where one of
    them was cut off.
    """

    def __init__(self, *where: str) -> None:
        digest = hashlib.sha256("/".join(where).encode()).hexdigest().upper()
        self.head, self.tail = f"Q{digest[:15]}", f"{digest[16:31]}Z"
        self.value = f'{self.head} %41/\\"é@:&={self.tail}'
        self.where = where

    def __repr__(self) -> str:
        return f"Canary({', '.join(self.where)})"

    @cached_property
    def forms(self) -> dict[str, str]:
        """Every text by which it may be recognized, by what it is."""
        raw = self.value.encode()
        found = {
            "plain": self.value,
            "start": self.head[:PART],
            "end": self.tail[-PART:],
            "percent": quote(self.value, safe=""),
            "percent, a query": quote_plus(self.value),
            "percent, lower case": quote(self.value, safe="").lower(),
            "percent, a query, lower case": quote_plus(self.value).lower(),
            "JSON": json.dumps(self.value)[1:-1],
            "JSON, not in ASCII": json.dumps(self.value, ensure_ascii=False)[1:-1],
            "repr": repr(self.value)[1:-1],
            "ascii": ascii(self.value)[1:-1],
            "repr of bytes": repr(raw)[2:-1],
            "hex": raw.hex(),
        }
        for offset in range(3):
            # Of base64 only what stands for whole bytes is the same whatever stands around it.
            skipped = (3 - offset) % 3
            inner = raw[skipped : skipped + (len(raw) - skipped) // 3 * 3]
            text = base64.b64encode(inner).decode()
            found[f"base64, {offset} bytes before"] = text[: 2 * PART]
            found[f"URL-safe base64, {offset} bytes before"] = base64.urlsafe_b64encode(
                inner
            ).decode()
        return found


def seen(text: str, canaries: Iterable[Canary]) -> list[str]:
    """Which canaries stand in the text, and how."""
    lowered = text.lower()
    return [
        f"{canary!r}: {form}"
        for canary in canaries
        for form, written in canary.forms.items()
        if written in text or (form in IN_ANY_CASE and written in lowered)
    ]


def words_around(text: str, canaries: Iterable[Canary]) -> str:
    """The text around the first canary, for the message of a failed test."""
    for canary in canaries:
        for written in canary.forms.values():
            match = re.search(re.escape(written), text)
            if match:
                return text[max(0, match.start() - 200) : match.end() + 100]
    return ""
