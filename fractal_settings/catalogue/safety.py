"""The codes of what could give a secret away."""

from __future__ import annotations

from fractal_settings.problems import Severity

from .entry import PROD, Entry, example

_KEY = "0c5f1e97d2f84a63b7d9e5f1b06a4c2d"
_SHARED = f"""\
[staging]
JWT_SECRET_KEY = "{_KEY}"

[prod]
JWT_SECRET_KEY = "{_KEY}"
"""
_REPOSITORY = "the folder is a git repository"

ENTRIES: tuple[Entry, ...] = (
    Entry(
        code="FS501",
        title="A secret that git tracks",
        severity=Severity.WARNING,
        meaning=(
            "A secret stands in a file that git tracks, or would track if everything were added: "
            "whoever gets the repository gets the secret, also from its history after it was "
            "removed. A password in the URL of another setting counts, too."
        ),
        fix=(
            "Give the secret in a file that git ignores, in a secret file or as a variable. If it "
            "was committed, make a new one: the old one is known."
        ),
        broken=example(
            f'[prod]\nJWT_SECRET_KEY = "{_KEY}"\n',
            PROD,
            needs=_REPOSITORY,
        ),
        right=example(
            '[prod]\nPOSTGRES_DB = "fractal"\n',
            PROD,
            files={"config/.secrets.toml": f'[prod]\nJWT_SECRET_KEY = "{_KEY}"\n'}
            | {".gitignore": ".secrets*.toml\n*.local.toml\n"},
            without=("JWT_SECRET_KEY",),
        ),
    ),
    Entry(
        code="FS502",
        title="What git tracks cannot be told",
        severity=Severity.NOTE,
        meaning=(
            "A secret stands in a file of a git repository, and git could not be asked: it is not "
            "on PATH, does not answer, or does not trust a repository that belongs to another "
            "user."
        ),
        fix="Look with `git status --ignored`, as the user to whom the repository belongs.",
        broken=example(
            '[prod]\nPOSTGRES_DB = "fractal"\n',
            PROD,
            files={"config/.secrets.toml": f'[prod]\nJWT_SECRET_KEY = "{_KEY}"\n'},
            without=("JWT_SECRET_KEY",),
            needs="the folder is a git repository of another user",
        ),
        right=example('[prod]\nPOSTGRES_DB = "fractal"\n', PROD),
    ),
    Entry(
        code="FS503",
        title="A secret file that others can read",
        severity=Severity.WARNING,
        meaning=(
            "`.secrets.toml`, `.secrets.local.toml` or the file of a `_FILE` variable can be read "
            "by its group or by every user of this machine. The folders that systemd, Docker and "
            "Kubernetes mount are left to them: Kubernetes' files have mode 0644."
        ),
        fix="Take the others' permission away: `chmod 600 FILE`.",
        broken=example(
            files={"jwt-key": f"{_KEY}\n"},
            without=("JWT_SECRET_KEY",),
            environ={"JWT_SECRET_KEY_FILE": "jwt-key"},
        ),
        right=example(
            files={"secrets/JWT_SECRET_KEY": f"{_KEY}\n"},
            without=("JWT_SECRET_KEY",),
            FRACTAL_SECRETS_DIR="secrets",
        ),
    ),
    Entry(
        code="FS504",
        title="A JWT key that can be guessed",
        severity=Severity.WARNING,
        meaning=(
            "JWT_SECRET_KEY has fewer than 32 bytes, or fewer than 8 different characters. From "
            "one token whoever wants to can try keys at home, millions a second; with the right "
            "one they are any user they like. HMAC-SHA256 asks for 32 bytes (RFC 7518)."
        ),
        fix="Make one at random: `python3 -c 'import secrets; print(secrets.token_hex(32))'`.",
        broken=example(environ={"JWT_SECRET_KEY": "fractal-2024"}),
        right=example(JWT_SECRET_KEY=_KEY),
    ),
    Entry(
        code="FS505",
        title="A JWT key that everybody knows",
        severity=Severity.WARNING,
        meaning=(
            "JWT_SECRET_KEY is made of nothing but words that stand for a key, such as "
            "`change-me`, or of one mark repeated, or is a key that documentation prints. Such "
            "keys are tried first."
        ),
        fix="Make one at random: `python3 -c 'import secrets; print(secrets.token_hex(32))'`.",
        broken=example(environ={"JWT_SECRET_KEY": "change-me"}),
        right=example(JWT_SECRET_KEY=_KEY),
    ),
    Entry(
        code="FS506",
        title="One JWT key in two environments",
        severity=Severity.WARNING,
        meaning=(
            "A token that the server of one environment signs is taken by that of the other: "
            "whoever is an administrator in staging is one in production."
        ),
        fix="Give each environment a key of its own, in a section of its own.",
        broken=example(_SHARED, PROD),
        right=example(
            _SHARED.replace(_KEY, "7b1d93c4e0a25f86d3c7b1a9e4f20658", 1),
            PROD,
        ),
    ),
)
