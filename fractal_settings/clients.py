"""OAuth clients, collected from variables (spec rule 2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from .located import AS_TEXT, WITHOUT_NUL, assign, give, located, shown
from .names import OAUTH_FIELDS, OAUTH_LIST, four_variables, is_oauth, oauth_name
from .origins import Origin, Source
from .problems import FractalConfigurationError, Problem, errors, problem
from .redact import is_secret, printable

if TYPE_CHECKING:
    from .merge import Merged
    from .model import OAuthClientConfig

WITHOUT_ENDPOINT = frozenset({"GOOGLE", "GITHUB"})
_REQUIRED = ("CLIENT_ID", "CLIENT_SECRET")
_ENDPOINT = "OIDC_CONFIGURATION_ENDPOINT"


class Clients(NamedTuple):
    """What the OAUTH_ variables amount to.

    Attributes:
        complete: the clients, in the order of their names.
        problems: of the others, and what an administrator should know.
    """

    complete: list[OAuthClientConfig]
    problems: list[Problem]


def collect_clients(merged: Merged) -> Clients:
    """Make the clients of the merged OAUTH_ values; an unsuitable one hides no other."""
    from .model import OAuthClientConfig

    given: dict[str, dict[str, object]] = {}
    foreign: dict[str, list[str]] = {}
    for name, value in merged.values.items():
        if value is None or not is_oauth(name):
            continue
        client, field_ = oauth_name(name)
        if field_ in OAUTH_FIELDS:
            given.setdefault(client, {})[field_] = value
        else:
            foreign.setdefault(client, []).append(name)
    result = Clients([], [])
    if merged.values.get(OAUTH_LIST) is not None:
        result.problems.append(_list_set(merged))
    for client in sorted({*given, *foreign}):
        fields = given.get(client, {})
        if not foreign.get(client) and _only_a_secret_file(client, fields, merged):
            result.problems.append(_secret_alone(client))
            continue
        found = _client_problems(client, fields, merged, sorted(foreign.get(client, ())))
        result.problems.extend(found)
        if not errors(found):
            result.complete.append(OAuthClientConfig(CLIENT_NAME=client, **fields))
    result.problems.extend(_alike(sorted({*given, *foreign}), merged))
    return result


def _list_set(merged: Merged) -> Problem:
    return located(
        problem(
            "FS119",
            f"{OAUTH_LIST} is never set directly: the server makes an OAuth client CLIENTS of it, "
            "which lacks OAUTH_CLIENTS_OIDC_CONFIGURATION_ENDPOINT",
            name=OAUTH_LIST,
            hint=four_variables(),
        ),
        merged,
    )


def refuse_client(values: dict[str, object]) -> None:
    """Refuse the values of a client that is made directly.

    Raises:
        FractalConfigurationError: with every problem. No local name holds a secret then.
    """
    found: list[Problem] = []
    client = values.get("CLIENT_NAME")
    if not isinstance(client, str):
        found.append(_not_text("CLIENT_NAME", client, None))
        client = "?"
    found += [
        problem("FS115", f"{printable(name)} is no field of an OAuth client", name=name)
        for name in values
        if name not in {"CLIENT_NAME", *OAUTH_FIELDS}
    ]
    fields = {name: value for name, value in values.items() if name in OAUTH_FIELDS}
    found += _client_problems(client, fields, None, [])
    if errors(found):
        values.clear()
        fields.clear()
        raise FractalConfigurationError(found)


def _client_problems(
    client: str, fields: Mapping[str, object], merged: Merged | None, foreign: list[str]
) -> list[Problem]:
    prefix = f"OAUTH_{client}_"
    found = [
        _not_text(prefix + name, value, merged)
        for name, value in fields.items()
        if value is not None and not (isinstance(value, str) and "\0" not in value)
    ]
    missing = [name for name in _REQUIRED if fields.get(name) is None]
    if client not in WITHOUT_ENDPOINT and not fields.get(_ENDPOINT):
        missing.append(_ENDPOINT)
    if client == "" or client != _nameable(client):
        found.append(_no_name(client, fields, foreign, merged, missing))
    elif foreign and not any(name in fields for name in OAUTH_FIELDS):
        found.append(_foreign(client, foreign, missing, merged))
    else:
        found += [_missing(client, name, fields, merged) for name in missing]
        found += [_beside(client, name, merged) for name in foreign]
    found += [_empty(prefix + name, merged) for name in _REQUIRED if fields.get(name) == ""]
    return found


def _not_text(name: str, value: object, merged: Merged | None) -> Problem:
    if isinstance(value, str):
        message = f"{printable(name)} holds a NUL character"
        return located(problem("FS208", message, name=name, hint=WITHOUT_NUL), merged)
    found = located(
        problem(
            "FS206",
            f"{printable(name)} is {shown(name, value)}, not text",
            name=name,
            expected="text in quotes",
            hint=AS_TEXT,
        ),
        merged,
    )
    if not (found.snippet and found.origin) or found.origin.source is Source.OVERRIDES:
        return found
    text, start, length = found.snippet
    return found._replace(
        label="unquoted", hint=assign(found.origin, name, text[start : start + length])
    )


def _missing(
    client: str, field_: str, fields: Mapping[str, object], merged: Merged | None
) -> Problem:
    name = f"OAUTH_{client}_{field_}"
    there = [f"OAUTH_{client}_{other}" for other in OAUTH_FIELDS if other in fields]
    beside = merged.origin(there[0]) if merged and there else None
    empty = name if fields.get(field_) == "" else ""
    reason = "is empty" if empty else "is missing"
    extra = ""
    if field_ == _ENDPOINT:
        extra = ": only the clients GOOGLE and GITHUB need none"
    made_by = f"; {printable(there[0])} makes it" if there and not empty else ""
    found = problem(
        "FS212",
        f"OAuth client {printable(client)}: {printable(name)} {reason}{extra}{made_by}",
        name=name,
        origin=beside,
        hint=give(name) if is_secret(name) else assign(beside, name, _EXAMPLES[field_]),
    )
    return located(found, merged, empty or (there[0] if there else name))


_EXAMPLES = {
    "CLIENT_ID": "...",
    _ENDPOINT: "https://idp.example.org/.well-known/openid-configuration",
}


def _foreign(client: str, foreign: list[str], missing: list[str], merged: Merged | None) -> Problem:
    name = foreign[0]
    lacking = ", ".join(f"OAUTH_{client}_{field_}" for field_ in missing)
    _, rest = oauth_name(name)
    hint = f"unset {name}"
    for field_ in OAUTH_FIELDS:
        if rest.endswith(f"_{field_}"):
            meant = f"{client}{rest.removesuffix(field_)}".replace("_", "")
            hint = f"name the client without an underscore: OAUTH_{meant}_{field_}"
    others = f" (and {len(foreign) - 1} more)" if len(foreign) > 1 else ""
    return located(
        problem(
            "FS212",
            f"{printable(name)}{others} makes an OAuth client named {printable(client)}, "
            f"which lacks {printable(lacking)}",
            name=f"OAUTH_{client}_{missing[-1]}" if missing else name,
            expected="a client's name ends at the second underscore of the variable",
            hint=printable(hint),
        ),
        merged,
        name,
    )


def _nameable(client: str) -> str:
    """Without what no variable's name can hold."""
    return client.translate({ord(each): None for each in "=\0"})


def _no_name(
    client: str,
    fields: Mapping[str, object],
    foreign: list[str],
    merged: Merged | None,
    missing: list[str],
) -> Problem:
    names = [f"OAUTH_{client}_{name}" for name in fields] + foreign
    lacking = printable(", ".join(f"OAUTH_{client}_{name}" for name in missing))
    what = "an empty name" if client == "" else "a name that no variable can have"
    meant = _nameable(client)
    renamed = f"name the client {printable(meant)}" if meant else "name the client"
    return located(
        problem(
            "FS213",
            f"{printable(names[0]) if names else 'CLIENT_NAME'} makes an OAuth client with {what}"
            + (f", which lacks {lacking}" if lacking else ""),
            name=names[0] if names else "CLIENT_NAME",
            expected="OAUTH_<CLIENT>_..., with a name between the first two underscores",
            hint=f"unset {printable(names[0])}, or {renamed}" if names else renamed,
        ),
        merged,
    )


def _beside(client: str, name: str, merged: Merged | None) -> Problem:
    return located(
        problem(
            "FS214",
            f"{printable(name)} has no effect: OAuth client {printable(client)} has no such field",
            name=name,
            expected=f"one of {', '.join(OAUTH_FIELDS)}",
            hint=f"unset {printable(name)}",
        ),
        merged,
    )


def _empty(name: str, merged: Merged | None) -> Problem:
    return located(
        problem(
            "FS216",
            f"{printable(name)} is empty",
            name=name,
            hint="give it the value that the provider gave, or unset the client",
        ),
        merged,
    )


def _only_a_secret_file(client: str, fields: Mapping[str, object], merged: Merged) -> bool:
    if set(fields) != {"CLIENT_SECRET"}:
        return False
    origin = merged.origin(f"OAUTH_{client}_CLIENT_SECRET")
    return origin is not None and origin.name.endswith("_FILE")


def _secret_alone(client: str) -> Problem:
    variable = f"OAUTH_{client}_CLIENT_SECRET_FILE"
    return problem(
        "FS214",
        f"{printable(variable)} has no effect: nothing else makes an OAuth client "
        f"{printable(client)}",
        name=variable,
        origin=Origin(Source.ENVIRONMENT, variable),
        hint=f"set OAUTH_{printable(client)}_CLIENT_ID too, or unset {printable(variable)}",
    )


def _alike(clients: list[str], merged: Merged) -> list[Problem]:
    seen: dict[str, str] = {}
    found = []
    for client in clients:
        first = seen.setdefault(client.lower(), client)
        if first != client:
            name = next(
                name for name in merged.values if is_oauth(name) and oauth_name(name)[0] == client
            )
            found.append(
                located(
                    problem(
                        "FS215",
                        f"OAuth clients {printable(first)} and {printable(client)} differ only in "
                        "case",
                        name=name,
                        hint="keep one of the two",
                    ),
                    merged,
                )
            )
    return found
