"""`explain`: one setting with every layer's say, or one problem code."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..names import ENV, OAUTH_LIST, OURS, SECRETS_DIR, SERVER_PYTHON, SETTINGS_DIR
from ..redact import is_secret, printable, redacted
from .common import Options, emit, environment_option, render, width

if TYPE_CHECKING:
    from ..catalogue import Entry, Example
    from ..loading import Resolved
    from ..origins import Say


class WithCodes(click.Command):
    """Lists the codes in its help, from the catalogue."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the example, then each code with its title."""
        super().format_epilog(ctx, formatter)
        from ..catalogue import CATALOGUE

        with formatter.section("Codes"):
            formatter.write_dl([(code, entry.title) for code, entry in CATALOGUE.items()])


@click.command(
    cls=WithCodes,
    epilog="Example: fractal-settings explain FRACTAL_TASKS_DIR --env prod",
)
@environment_option
@click.option("--list", "list_", is_flag=True, help="List the settings and the codes.")
@click.argument("subject", required=False, metavar="NAME|CODE")
@click.pass_obj
def command(options: Options, *, environment: str | None, list_: bool, subject: str | None) -> int:
    """Tell what a setting means and where its value comes from, or what a code means."""
    from ..catalogue import CATALOGUE

    if list_:
        emit("\n".join(_list()))
        return 0
    if subject is None:
        raise click.UsageError("name a setting or a code, or use --list")
    if subject.upper() in CATALOGUE:
        emit("\n".join(explain_code(CATALOGUE[subject.upper()])))
        return 0
    if subject in OURS:
        emit("\n".join([subject, *(f"  {line}" for line in _wrap(_OURS[subject]))]))
        return 0
    _refuse_unknown(subject)
    resolved = options.resolve(environment)
    emit("\n".join(_about(subject)))
    emit("\n".join(_layers(resolved, subject)))
    return _told_what_is_unread(resolved)


_OURS = {
    ENV: "Chooses the environment: a section of settings.toml. The option --env comes first.",
    SETTINGS_DIR: "The settings folder; config/ by default. The option --config-dir comes first.",
    SECRETS_DIR: "A folder of files, each named as the setting that it holds.",
    SERVER_PYTHON: "The Python that runs the server. The option --server-python comes first.",
}


def _told_what_is_unread(resolved: Resolved) -> int:
    """Tell why not every layer was heard, where that is so; return the exit code."""
    if not resolved.facts.obstacles:
        return 0
    emit(render(resolved.facts.obstacles, err=True), err=True)
    return 1


def _list() -> Iterator[str]:
    from ..catalogue import CATALOGUE
    from ..model import Settings

    for name, field in Settings.model_fields.items():
        yield f"{name:<38} {(field.description or '').split('; ')[0]}"
    yield ""
    for code, entry in CATALOGUE.items():
        yield f"{code:<6} {entry.severity:<8} {entry.title}"


def _refuse_unknown(subject: str) -> None:
    from ..model import names
    from ..names import is_setting, nearest

    if is_setting(subject, names()):
        return
    near = nearest(subject, names())
    hint = f"; {near} is" if near else "; --list lists them"
    raise click.UsageError(f"{printable(subject)} is no setting and no code{hint}")


def explain_code(entry: Entry) -> Iterator[str]:
    """What a code means, and how it is done right."""
    yield f"{entry.severity}[{entry.code}]: {entry.title}"
    yield ""
    yield from _wrap(entry.meaning)
    yield ""
    yield from _wrap(f"Fix: {entry.fix}")
    for title, example in (("Broken", entry.broken), ("Right", entry.right)):
        yield ""
        yield f"{title}:"
        yield from (f"  {line}".rstrip() for line in example_lines(example))


def example_lines(example: Example) -> Iterator[str]:
    """An example, file by file and variable by variable."""
    for path, text in example.files.items():
        yield f"# {path}"
        yield from str(text).splitlines()
    if example.environ:
        yield "# variables"
    for name, value in example.environ.items():
        yield f"{name}={printable(value)}"
    if example.needs:
        yield f"# {example.needs}"
    yield f"$ fractal-settings {' '.join(example.arguments)}"


def _wrap(text: str) -> list[str]:
    return textwrap.wrap(text, width() - 2, break_long_words=False, break_on_hyphens=False)


def _about(name: str) -> Iterator[str]:
    from ..model import OAuthClientConfig, Settings, about
    from ..names import is_oauth, oauth_name

    yield name
    extra: Mapping[str, object] = {}
    if is_oauth(name):
        client, field_name = oauth_name(name)
        field = OAuthClientConfig.model_fields[field_name]
        required = f"for the OAuth client {client}" if field.is_required() else ""
        default: object = None
    else:
        field = Settings.model_fields[name]
        extra = about(name)
        required = str(extra.get("required", ""))
        default = field.get_default(call_default_factory=True)
    yield from (f"  {line}" for line in _wrap(field.description or ""))
    yield ""
    yield f"  type:      {type_of(name)}{', secret' if is_secret(name) else ''}"
    if "unit" in extra:
        yield f"  unit:      {extra['unit']}"
    yield f"  default:   {_text(name, default)}"
    if required:
        yield f"  required:  {required}"


def type_of(name: str) -> str:
    """The type of a setting, in words."""
    from ..model import Settings, about
    from ..names import is_oauth

    if is_oauth(name):
        return "text"
    if "choices" in about(name):
        return " or ".join(str(each) for each in _choices(name))
    if "type" in about(name):
        return str(about(name)["type"])
    annotation = str(Settings.model_fields[name].annotation)
    default = Settings.model_fields[name].default
    if isinstance(default, bool):
        return "boolean"
    if isinstance(default, int):
        return "integer"
    if isinstance(default, float):
        return "number"
    if "list" in annotation:
        return "list of OAuth clients"
    return "path" if "Path" in annotation else "text"


def _choices(name: str) -> tuple[object, ...]:
    from ..model import about

    choices = about(name).get("choices", ())
    return tuple(choices) if isinstance(choices, list | tuple) else ()


def _text(name: str, value: object) -> str:
    if value is None or value == []:
        return "none"
    shown = redacted(name, str(value) if isinstance(value, Path) else value)
    return printable(str(shown).lower() if isinstance(shown, bool) else str(shown))


def _layers(resolved: Resolved, name: str) -> Iterator[str]:
    where = f"environment {resolved.environment}" if resolved.environment else "no environment"
    yield f"  layers:    ({where}; the first is used)"
    says = resolved.history(name)
    if not says:
        yield "    none has a say"
    for row in _rows(name, says):
        yield f"    {row}"
    value = resolved.values.get(name)
    if name == OAUTH_LIST and isinstance(value, list):
        clients = ", ".join(printable(str(each.CLIENT_NAME)) for each in value)
        yield f"  effective: {clients or 'no client'}"
    elif value is not None and says and _text(name, value) != _text(name, says[0].value):
        yield f"  effective: {_text(name, value)}"
    from ..checking import examine

    related = [each for each in examine(resolved).problems if each.name == name]
    for each in related:
        first, *rest = _wrap(f"{each.severity}[{each.code}]: {each.message}")
        yield f"  {first}"
        yield from (f"      {line}" for line in rest)


def _place(name: str, say: Say) -> str:
    """Where a layer says it; of the clients' list, also of which variable."""
    which = f" {say.origin.name}" if name == OAUTH_LIST and say.origin.path else ""
    return printable(f"{say.origin}{which}")


def _rows(name: str, says: tuple[Say, ...]) -> list[str]:
    cells = [(_place(name, say), _text(say.origin.name, say.value), say.status) for say in says]
    widths = [max((len(row[column]) for row in cells), default=0) for column in (0, 1)]
    return [
        f"{place:<{widths[0]}}  {value:<{widths[1]}}  {status}" for place, value, status in cells
    ]
