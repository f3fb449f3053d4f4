"""Makes docs/reference of the code at each build: variables, problem codes, commands.

Nothing of it is committed, so that none of it can be out of date.
"""

import os
import pty
import sys
import tempfile
import termios
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import NoneType
from typing import NoReturn, get_args

import click
from examples import HOME, plain, read_all
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from fractal_settings.catalogue import CATALOGUE
from fractal_settings.catalogue.entry import COMPLETE, Entry, Example
from fractal_settings.cli import cli, run
from fractal_settings.model import OAuthClientConfig, Settings, about
from fractal_settings.redact import is_secret

WORDS = {bool: "true or false", int: "integer", float: "number", Path: "path", str: "text"}
STAGES = {
    "1": "Reading: files, sections and names",
    "2": "Values",
    "3": "What the server requires",
    "4": "This machine",
    "5": "Secrets and safety",
    "6": "Probes of the real services",
    "7": "Writing and exporting",
}
LANGUAGES = {".toml": "toml", ".json": "json"}
KINDS = {
    "/": "a directory",
    "*": "an executable",
    "@": "a symbolic link to `{}`",
    "|": "a FIFO",
}
WIDTH, HEIGHT = 100, 30


def write(folder: Path) -> None:
    """Write all pages into the folder, leaving those alone that have not changed."""
    made = {
        "index.md": INDEX,
        "variables.md": variables(),
        "commands.md": commands(),
        "codes.md": codes(),
        **{f"codes/{code}.md": page for code, page in code_pages().items()},
    }
    for name, text in made.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
    for path in folder.rglob("*.md"):
        if str(path.relative_to(folder)) not in made:
            path.unlink()


INDEX = """# Reference

Made of the code at each build.

```{toctree}
:maxdepth: 1

variables
codes
commands
```
"""


def variables() -> str:
    """A section for each setting."""
    parts = [
        "# Variables",
        "The TOML key, the environment variable and the attribute of `Settings` have one name.",
    ]
    for name, field in Settings.model_fields.items():
        parts += setting(name, field)
    parts += [
        "## OAuth clients",
        "Four variables make a client; `<CLIENT>` is its name, without an underscore.",
    ]
    for name, field in OAuthClientConfig.model_fields.items():
        if name != "CLIENT_NAME":
            parts += setting(f"OAUTH_<CLIENT>_{name}", field)
    return "\n\n".join(parts) + "\n"


def setting(name: str, field: FieldInfo) -> Iterator[str]:
    """One setting: meaning, type, default, and when it is required."""
    known = about(name) if name in Settings.model_fields else {}
    facts = [f"type: {type_in_words(field.annotation, known)}", f"default: {default(field)}"]
    facts += [f"{word}: {known[word]}" for word in ("unit", "required") if word in known]
    facts += ["a secret: shown only where it is asked for"] * is_secret(name)
    yield f"### `{name}`" if name.startswith("OAUTH_<") else f"## {name}"
    yield field.description or ""
    yield "\n".join(f"- {fact}" for fact in facts)


def type_in_words(annotation: object, known: Mapping[str, object]) -> str:
    """The type as a person says it."""
    choices = known.get("choices")
    if isinstance(choices, tuple):
        return "one of " + ", ".join(f"`{choice}`" for choice in choices)
    plain = [each for each in get_args(annotation) or (annotation,) if each is not NoneType]
    for python, words in WORDS.items():
        if any(isinstance(each, type) and issubclass(each, python) for each in plain):
            return words
    if any(isinstance(each, type) and issubclass(each, BaseModel) for each in plain):
        return "a list of clients"
    raise TypeError(f"no words for {annotation}")


def default(field: FieldInfo) -> str:
    """The default as it would stand in TOML, or in words."""
    if field.is_required():
        return "none, it must be given"
    if field.default_factory is list:
        return "empty"
    if field.default_factory is not None:
        return "see above"
    if field.default is None:
        return "unset"
    return f"`{str(field.default).lower() if isinstance(field.default, bool) else field.default}`"


def commands() -> str:
    """What each command says of itself."""
    top = click.Context(cli, info_name="fractal-settings")
    parts = ["# Commands", fenced("text", cli.get_help(top))]
    for verb in cli.list_commands(top):
        command = cli.get_command(top, verb)
        if command is None:
            raise LookupError(verb)
        with click.Context(command, info_name=verb, parent=top) as context:
            parts += [f"## {verb}", fenced("text", command.get_help(context))]
    return "\n\n".join(parts) + "\n"


def codes() -> str:
    """All codes, by stage."""
    always = ", ".join(f"`{name}`" for name in COMPLETE)
    parts = [
        "# Problem codes",
        "`fractal-settings explain CODE` tells the same.",
        f"In the examples the environment has {always}, unless a page says otherwise.",
    ]
    for digit, title in STAGES.items():
        found = [entry for code, entry in sorted(CATALOGUE.items()) if code[2] == digit]
        rows = [
            f"| {{doc}}`codes/{each.code}` | {each.severity} | {each.title} |" for each in found
        ]
        if rows:
            parts += [f"## {title}", "\n".join(["| code | severity | |", "|---|---|---|", *rows])]
    pages = "\n".join(f"codes/{code}" for code in sorted(CATALOGUE))
    parts.append(fenced("{toctree}", f":hidden:\n\n{pages}"))
    return "\n\n".join(parts) + "\n"


def code_pages() -> dict[str, str]:
    """A page for each code, with its examples run."""
    return {code: code_page(entry) for code, entry in CATALOGUE.items()}


def code_page(entry: Entry) -> str:
    """Meaning, fix, an example that breaks with its report, and one that is right."""
    parts = [f"# {entry.code}: {entry.title}", f"*{entry.severity}*", entry.meaning]
    parts += ["## Fix", entry.fix, "## An example", *shown(entry.broken)]
    if not entry.broken.needs:
        parts.append(fenced("console", f"$ {command_line(entry.broken)}\n{report(entry.broken)}"))
    parts += ["## Done right", *shown(entry.right, valid=True)]
    return "\n\n".join(part for part in parts if part) + "\n"


def shown(example: Example, *, valid: bool = False) -> Iterator[str]:
    """Files and variables of an example, but for the variables that all examples have.

    Only valid files are highlighted: what breaks a rule of TOML would be a warning.
    """
    if example.needs:
        yield f"Needs {example.needs}."
    for name, content in example.files.items():
        path, kind = name.rstrip("/*@|"), KINDS.get(name[-1])
        if kind:
            yield f"`{path}`: {kind.format(content)}"
        else:
            yield f"`{path}`:"
            language = LANGUAGES.get(Path(path).suffix, "text") if valid else "text"
            yield fenced(language, excerpt(content))
    own = {name: value for name, value in example.environ.items() if COMPLETE.get(name) != value}
    if own:
        yield "The environment, beside what every example has:"
        yield fenced("text", excerpt("\n".join(f"{name}={value}" for name, value in own.items())))
    missing = [name for name in COMPLETE if name not in example.environ]
    in_files = "".join(example.files.values())
    unset = ", ".join(f"`{name}`" for name in missing if name not in in_files)
    if unset:
        yield f"Not set: {unset}."


def excerpt(text: str) -> str:
    """The text, bytes that are not UTF-8 escaped, no longer than a page has room for."""
    readable = text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    lines = [line if len(line) <= WIDTH else f"{line[:WIDTH]} ..." for line in readable.split("\n")]
    return "\n".join([*lines[:HEIGHT], "..."] if len(lines) > HEIGHT else lines).rstrip("\n")


def command_line(example: Example) -> str:
    """What a person types."""
    return " ".join(["fractal-settings", *example.arguments])


def report(example: Example) -> str:
    """What the command says of the example on a terminal of 100 columns."""
    with tempfile.TemporaryDirectory() as home:
        example.make(Path(home))
        child, terminal = pty.fork()
        if child == 0:
            run_and_exit(example, home)
        said = read_all(terminal).decode(errors="replace")
        os.waitpid(child, 0)
    return plain(said).replace(home, HOME).rstrip("\n")


def run_and_exit(example: Example, home: str) -> NoReturn:
    """In a forked child: starting afresh for each of a hundred examples would take a minute."""
    try:
        termios.tcsetwinsize(1, (50, 100))
        os.chdir(home)
        os.environ.clear()
        os.environ |= {"PATH": "/usr/bin:/bin", "TERM": "xterm", "NO_COLOR": "1", **example.environ}
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - for good
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False, buffering=1)  # noqa: SIM115
        run(example.arguments)
        sys.stdout.flush()
    finally:
        os._exit(0)


def fenced(language: str, text: str) -> str:
    """A fenced block, its fence longer than any in the text."""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}{language}\n{text}\n{fence}"
