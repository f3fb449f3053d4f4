"""The codes of OAuth clients."""

from __future__ import annotations

from fractal_settings.problems import Severity

from .entry import Entry, example

_ADDRESS = "https://login.institute.example/.well-known/openid-configuration"
_INSTITUTE = {
    "OAUTH_INSTITUTE_CLIENT_ID": "fractal",
    "OAUTH_INSTITUTE_CLIENT_SECRET": "made-up",
    "OAUTH_INSTITUTE_OIDC_CONFIGURATION_ENDPOINT": _ADDRESS,
}
_GITHUB = {"OAUTH_GITHUB_CLIENT_ID": "fractal", "OAUTH_GITHUB_CLIENT_SECRET": "made-up"}
_UNDERSCORE = {name.replace("INSTITUTE", "MY_IDP"): text for name, text in _INSTITUTE.items()}
_MIXED = {name.replace("INSTITUTE", "Institute"): text for name, text in _INSTITUTE.items()}

ENTRIES: tuple[Entry, ...] = (
    Entry(
        code="FS212",
        title="An incomplete OAuth client",
        severity=Severity.ERROR,
        meaning=(
            "Each variable that begins with OAUTH_ makes a client, whose name ends at the second "
            "underscore. A client needs an id, a secret and, unless it is named GOOGLE or GITHUB, "
            "the provider's discovery address. A name with an underscore in it (OAUTH_MY_IDP_...), "
            "or another program's variable (OAUTH_PROXY_...), makes one that nobody meant."
        ),
        fix="Give what is missing, name the client without an underscore, or unset the variable.",
        broken=example(environ=_UNDERSCORE),
        right=example(environ=_INSTITUTE),
    ),
    Entry(
        code="FS213",
        title="An OAuth client without a usable name",
        severity=Severity.ERROR,
        meaning=(
            "Nothing stands between the first two underscores of the variable. The server would "
            "make a client with an empty name, and its addresses would have a gap where the name "
            "belongs. Or a file says what no variable can be called, with `=` or a NUL character "
            "in the client's name: the server can never be given such a client."
        ),
        fix="Name the client, or unset the variable.",
        broken=example(environ={"OAUTH__CLIENT_ID": "fractal"}),
        right=example(environ=_GITHUB),
    ),
    Entry(
        code="FS214",
        title="An OAuth variable that has no effect",
        severity=Severity.WARNING,
        meaning=(
            "The variable belongs to an OAuth client, and is none of the four that make one; or it "
            "names the file of a secret for a client that nothing else speaks of. The server "
            "passes over it."
        ),
        fix="Correct the name if it is misspelt; else unset it.",
        broken=example(environ=_GITHUB, OAUTH_GITHUB_ORG="institute"),
        right=example(environ=_GITHUB),
    ),
    Entry(
        code="FS215",
        title="OAuth clients that differ only in case",
        severity=Severity.WARNING,
        meaning=(
            "Names of variables are case-sensitive, so these are two clients with two buttons to "
            "log in, and it may well be that one was meant. Only the exact names GOOGLE and GITHUB "
            "go without a discovery address."
        ),
        fix="Keep one of the two.",
        broken=example(environ={**_INSTITUTE, **_MIXED}),
        right=example(environ=_INSTITUTE),
    ),
    Entry(
        code="FS216",
        title="An empty OAuth id or secret",
        severity=Severity.WARNING,
        meaning=(
            "The server accepts an empty id or secret and shows the client to its users, and the "
            "provider will turn each of them away. Most often a variable was declared and never "
            "filled."
        ),
        fix="Give the value that the provider gave you, or unset the client's variables.",
        broken=example(environ={**_GITHUB, "OAUTH_GITHUB_CLIENT_SECRET": ""}),
        right=example(environ=_GITHUB),
    ),
)
