"""What is wrong with a text that is no TOML or no JSON: in words, at its place, with the fix."""

from __future__ import annotations

import re
from typing import NamedTuple

from .documents import JSON_TOKEN
from .reading import UnreadableError
from .redact import may_be_secret, printable, redacted

_AT = r" *\(at (?:line (\d+), column (\d+)|end of document)\)$"
_HUGE_NUMBER = r"[0-9_]{4300}"
_PAIR = re.compile(r"\s*(?P<key>[A-Za-z0-9_-]+)\s*=[ \t]*(?P<value>.*)")
# Typographic ones too, which word processors and web pages put in place of plain ones.
_QUOTES = "\"'\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u00ab\u00bb"
_TOML_HINT = "mend the TOML there: text in quotes, one KEY = value a line"
_CONFLICT = ("<<<<<<<", "=======", ">>>>>>>", "|||||||")
_UNFINISHED_MERGE = ("a mark of an unfinished merge", "finish the merge: git diff shows it")


class _Finding(NamedTuple):
    """What a parser's message amounts to; the place is that of the message by default."""

    reason: str
    hint: str
    line: int = 0
    column: int = 0


def malformed_toml(text: str, message: str) -> UnreadableError:
    """The refusal of a text that is no TOML.

    Args:
        text: all of it.
        message: what tomllib says of it.
    """
    found = re.search(_AT, message)
    told = message[: found.start()] if found else message
    lines = text.split("\n")
    if found and found[1]:
        line, column = int(found[1]), int(found[2])
    else:
        line = max(1, len(lines) - (not lines[-1]))
        column = len(lines[line - 1]) + 1
    wrong = lines[line - 1].removesuffix("\r")
    finding = _toml_finding(told, text, wrong, line, column)
    return UnreadableError(
        "FS106",
        f"is not TOML: {finding.reason}",
        line=finding.line or line,
        column=finding.column or column,
        hint=finding.hint,
    )


def _toml_finding(told: str, text: str, wrong: str, line: int, column: int) -> _Finding:
    if found := _left_behind(wrong):
        return found
    if told in {"Invalid value", "Expected newline or end of document after a statement"}:
        found = _unquoted(wrong, column)
        if found:
            return found
    if told.startswith(("Illegal character '\\n'", "Illegal character '\\r'", "Unterminated")):
        return _Finding("a quote is not closed", "close it with the quote that opens it")
    if told.startswith(("Unescaped '\\'", "Invalid hex value")):
        return _Finding(
            "a backslash in double quotes that starts no escape",
            "write two for one, or put the text in single quotes",
            column=max(1, column - 2),
        )
    if told.startswith("Expected '=' after a key") and wrong[column - 1 : column] == ":":
        return _Finding("a colon behind a key", "write = in its place")
    if told.startswith("Expected ']' at the end of a table"):
        return _Finding("the bracket of a section is not closed", "close it, as in [default]")
    if told == "Cannot overwrite a value":
        return _key_twice(text, line, column) or _Finding("a key stands twice", "keep one")
    if told.startswith("Cannot declare ") and told.endswith(" twice"):
        return _section_twice(text, wrong, line, column)
    return _Finding(f"{told[:1].lower()}{told[1:]}", _TOML_HINT)


def _left_behind(wrong: str) -> _Finding | None:
    """What a merge or a shell file leaves at the start of a line."""
    if wrong.startswith(_CONFLICT):
        return _Finding(*_UNFINISHED_MERGE, column=1)
    if wrong.lstrip().startswith("export "):
        return _Finding("a TOML line starts with the key", "remove export", column=1)
    return None


def _unquoted(wrong: str, column: int) -> _Finding | None:
    """A value that is none, most often text without its quotes."""
    pair = _PAIR.match(wrong)
    if pair is None or column <= pair.start("value"):
        return None
    value = pair["value"].split(" #")[0].strip()
    at = pair.start("value") + 1
    key = pair["key"]
    if not value:
        return _Finding(f"{key} has no value", f"give it one, or remove {key}", column=at)
    if value.startswith(('"', "'", "[", "{")):
        return None
    if value.lower() in {"true", "false"}:
        return _Finding(
            "a boolean is written in small letters", f"{key} = {value.lower()}", column=at
        )
    return _Finding("text without quotes", f"{key} = {_in_quotes(key, wrong, value)}", column=at)


def _in_quotes(key: str, wrong: str, value: str) -> str:
    """What was meant, if it is certain that it may be shown."""
    from .located import literal
    from .meant import meant
    from .model import names
    from .readers import INTEGER

    if key not in names() or may_be_secret(wrong):
        return '"..."'
    plain = value.strip(_QUOTES)
    if redacted(key, plain) != plain:
        return '"..."'
    number = meant(key, INTEGER, plain) if _is_whole(key) else None
    return literal(plain if number is None else number)


def _is_whole(key: str) -> bool:
    from .model import Settings

    return type(Settings.model_fields[key].default) is int


def _key_twice(text: str, line: int, column: int) -> _Finding | None:
    from .positions import toml_positions

    end = sum(len(each) + 1 for each in text.split("\n")[: line - 1]) + column - 1
    try:
        places = toml_positions(text[:end])
        path, again = next(
            (path, where)
            for path, where in reversed(places.items())
            if (where.end_line, where.end_column) == (line, column)
        )
        before = "".join(text.splitlines(keepends=True)[: again.key_line - 1])
        first = toml_positions(before)[path].key_line
    except (ValueError, KeyError, StopIteration):
        return None
    *tables, key = map(str, path)
    where = f" in [{printable('.'.join(tables))}]" if tables else ""
    return _Finding(
        f"{printable(key)} stands twice{where}, first in line {first}",
        "keep one of the two",
        again.key_line,
        again.key_column,
    )


def _section_twice(text: str, wrong: str, line: int, column: int) -> _Finding:
    name = wrong[: column - 1].strip(" \t[")
    headers = [each.strip(" \t\r[").split("]")[0].strip() for each in text.split("\n")]
    is_header = [each.lstrip().startswith("[") for each in text.split("\n")]
    first = next((at for at in range(line - 1) if is_header[at] and headers[at] == name), None)
    where = "" if first is None else f", first in line {first + 1}"
    return _Finding(
        f"[{printable(name)}] stands twice{where}",
        "write the keys of both below one of the two",
        column=wrong.find(name) + 1,
    )


def malformed_json(text: str, at: int, reason: str) -> UnreadableError:
    """The refusal of a text that is no JSON.

    Args:
        text: all of it.
        at: the offset at which json gives up.
        reason: what it says.
    """
    before = text[:at].rstrip()
    if text[at : at + 1] in {"}", "]"} and before.endswith(","):
        at = len(before) - 1  # where Python 3.13 sees it, in words of its own
    wrong = text[at : at + 1]
    if wrong == "," and text[at + 1 :].lstrip()[:1] in {"}", "]"}:
        reason, hint = "a comma behind the last entry", "remove the comma"
    elif text.startswith(_CONFLICT, at):
        reason, hint = _UNFINISHED_MERGE
    elif wrong in {"#", "/"}:
        reason, hint = "a comment, which JSON has not", "remove it"
    elif wrong == "'":
        reason, hint = "single quotes", 'write "double" quotes'
    elif not text.strip():
        reason, hint = "it is empty", "write a JSON object: { ... }"
    elif not text[at:].strip():
        reason, hint = "it ends too early", "close each quote, [ and { that was opened"
    else:
        reason, hint = f"{reason[:1].lower()}{reason[1:]}", "mend the JSON there"
    return _at_offset("FS107", f"is not JSON: {reason}", text, at, hint)


def no_object(text: str, value: object) -> UnreadableError:
    """The refusal of a JSON text whose top is no object."""
    names = {list: "a list", str: "a text", bool: "a boolean", type(None): "null"}
    kind = names.get(type(value), "a number")
    at = len(text) - len(text.lstrip())
    return _at_offset("FS107", f"holds {kind}, not an object", text, at, "write an object: { ... }")


def repeated_key(text: str) -> UnreadableError:
    """The refusal of a JSON text in which an object names a key again."""
    import json

    named: list[set[str]] = []
    key, last = "", None
    for match in re.finditer(JSON_TOKEN, text, re.DOTALL):
        if match[0] in {"[", "{"}:
            named.append(set())
        elif match[0] in {"]", "}"}:
            named.pop()
        elif match[0] == ":" and last is not None:
            key = json.loads(last[0])
            if key in named[-1]:
                break
            named[-1].add(key)
        elif match[0] != "\n":
            last = match
    at = last.start() if last is not None else 0
    return _at_offset(
        "FS108", f"names the key {printable(key)!r} twice", text, at, "keep one of the two"
    )


def huge_number(code: str, text: str) -> UnreadableError:
    """The refusal of a number that Python does not convert (4,300 digits by default)."""
    found = re.search(_HUGE_NUMBER, text)
    return _at_offset(
        code,
        "holds a number of more than 4,300 digits",
        text,
        found.start() if found else 0,
        "write a number that the setting can have",
    )


def _at_offset(code: str, reason: str, text: str, at: int, hint: str) -> UnreadableError:
    line = text.count("\n", 0, at) + 1
    column = at - text.rfind("\n", 0, at)
    return UnreadableError(code, reason, line=line, column=column, hint=hint)
