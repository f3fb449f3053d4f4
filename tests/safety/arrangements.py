"""Configurations with a canary in every secret: each source, right and broken in each way."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from .canaries import Canary

SECRETS = (
    "JWT_SECRET_KEY",
    "POSTGRES_PASSWORD",
    "FRACTAL_DEFAULT_ADMIN_PASSWORD",
    "OAUTH_GITHUB_CLIENT_SECRET",
    "OAUTH_IDP_CLIENT_SECRET",
)
SETTINGS = """\
[default]
POSTGRES_DB = "fractal"
FRACTAL_TASKS_DIR = "tasks"
FRACTAL_RUNNER_WORKING_BASE_DIR = "/srv/fractal/jobs"
FRACTAL_TASKS_PYTHON_DEFAULT_VERSION = "3.11"
FRACTAL_TASKS_PYTHON_3_11 = "/usr/bin/python3.11"
OAUTH_GITHUB_CLIENT_ID = "id"
OAUTH_IDP_CLIENT_ID = "id"
OAUTH_IDP_OIDC_CONFIGURATION_ENDPOINT = "https://idp.example.org"
[staging]
FRACTAL_LOGGING_LEVEL = 10
[prod]
FRACTAL_LOGGING_LEVEL = 20
"""
SLURM = {
    "default_slurm_config": {"partition": "main"},
    "batching_config": {
        "target_cpus_per_job": 8,
        "max_cpus_per_job": 16,
        "target_mem_per_job": "32G",
        "max_mem_per_job": "64G",
        "target_num_jobs": 4,
        "max_num_jobs": 20,
    },
}


class Arrangement(NamedTuple):
    """A configuration on the disk and in the call."""

    environ: dict[str, str]
    overrides: dict[str, object]
    canaries: list[Canary]


class Given(NamedTuple):
    """What a variant makes of a secret: its name, and what stands for its value.

    Attributes:
        name: of the setting.
        text: for places that hold text: a variable, a file, an override.
        toml: the right side of an assignment in TOML.
        lines: a whole line of a dotenv or TOML file, in place of the assignment; or empty.
        raw: appended to the line or file, as bytes.
    """

    name: str
    text: str
    toml: str
    line: str = ""
    raw: bytes = b""


def toml_string(text: str) -> str:
    return json.dumps(text)


def right(name: str, value: str) -> Given:
    return Given(name, value, toml_string(value))


def misspelt(name: str, value: str) -> Given:
    return Given(f"{name}S", value, toml_string(value))


def lower_case(name: str, value: str) -> Given:
    return Given(name.lower(), value, toml_string(value))


def nul(name: str, value: str) -> Given:
    return Given(name, f"{value}\0", toml_string(f"{value}\0"))


def undecodable(name: str, value: str) -> Given:
    return Given(name, f"{value}\udcff", toml_string(value), raw=b" # \xff")


def unclosed(name: str, value: str) -> Given:
    plain = toml_string(value)[:-1]
    return Given(name, value, plain, f"{name} = '{value}")


def unclosed_and_misspelt(name: str, value: str) -> Given:
    key = name.replace("SECRET", "SECRTE").replace("PASSWORD", "PASSWROD").replace("KEY", "KYE")
    return Given(key, value, f'"{value}', f"{key}='{value}")


def in_a_list(name: str, value: str) -> Given:
    return Given(name, value, f"[{toml_string(value)}]")


def in_a_table(name: str, value: str) -> Given:
    text = toml_string(value)
    return Given(name, value, f"{{ x = {text}, {name} = {text} }}")


def in_a_table_misspelt(name: str, value: str) -> Given:
    text = toml_string(value)
    return Given(f"{name}2", value, f"{{ x = {text}, POSTGRES_DB = {text} }}")


def over_lines(name: str, value: str) -> Given:
    text = value.replace("\\", "\\\\").replace('"', '\\"')
    return Given(name, f"a\n{value}\nb", f'"""a\nPOSTGRES_DB = {text}\nb"""')


def over_lines_and_unclosed(name: str, value: str) -> Given:
    text = value.replace("\\", "\\\\").replace('"', '\\"')
    return Given(name, f"a\n{value}\nb", f'"""a\nPOSTGRES_DB = {text}\n[b')


def twice(name: str, value: str) -> Given:
    text = toml_string(value)
    return Given(name, value, f"{text}\n{name} = {text}")


def with_more_behind(name: str, value: str) -> Given:
    return Given(name, value, f"{toml_string(value)} {toml_string(value)}")


def too_long(name: str, value: str) -> Given:
    text = value + "x" * 70_000
    return Given(name, text, toml_string(value) + "#" * 1_100_000)


VARIANTS: dict[str, Callable[[str, str], Given]] = {
    each.__name__: each
    for each in (
        right,
        misspelt,
        lower_case,
        nul,
        undecodable,
        unclosed,
        unclosed_and_misspelt,
        in_a_list,
        in_a_table,
        in_a_table_misspelt,
        over_lines,
        over_lines_and_unclosed,
        twice,
        with_more_behind,
        too_long,
    )
}


def toml(given: list[Given]) -> bytes:
    return b"".join(
        f"{each.name} = {each.toml}".encode("utf-8", "surrogateescape") + each.raw + b"\n"
        for each in given
    )


def into_settings(folder: Path, given: list[Given]) -> Arrangement:
    path = folder / "config" / "settings.toml"
    path.write_bytes(path.read_bytes().replace(b"[staging]", toml(given) + b"[staging]"))
    return Arrangement({}, {}, [])


def into_settings_of_an_environment(folder: Path, given: list[Given]) -> Arrangement:
    path = folder / "config" / "settings.toml"
    path.write_bytes(path.read_bytes() + toml(given))
    return Arrangement({}, {}, [])


def outside_a_section(folder: Path, given: list[Given]) -> Arrangement:
    path = folder / "config" / "settings.toml"
    path.write_bytes(toml(given) + path.read_bytes())
    return Arrangement({}, {}, [])


def into_secrets(folder: Path, given: list[Given]) -> Arrangement:
    (folder / "config" / ".secrets.toml").write_bytes(b"[prod]\n" + toml(given))
    return Arrangement({}, {}, [])


def into_local(folder: Path, given: list[Given]) -> Arrangement:
    (folder / "config" / "settings.local.toml").write_bytes(b"[default]\n" + toml(given))
    return Arrangement({}, {}, [])


def into_dotenv(folder: Path, given: list[Given]) -> Arrangement:
    lines = []
    for each in given:
        escaped = each.text.replace("\\", "\\\\").replace("'", "\\'")
        line = each.line or f"export {each.name}='{escaped}'"
        lines.append(line.encode("utf-8", "surrogateescape") + each.raw)
    (folder / ".fractal_server.env").write_bytes(b"\n".join(lines))
    return Arrangement({}, {}, [])


def into_environment(folder: Path, given: list[Given]) -> Arrangement:
    del folder
    return Arrangement({each.name: each.text for each in given}, {}, [])


def into_overrides(folder: Path, given: list[Given]) -> Arrangement:
    del folder
    return Arrangement({}, {each.name: each.text for each in given}, [])


def into_overrides_of_other_types(folder: Path, given: list[Given]) -> Arrangement:
    del folder
    kinds: list[Callable[[str], object]] = [
        lambda text: [text],
        lambda text: {"x": text},
        lambda text: text.encode("utf-8", "surrogateescape"),
        lambda text: (text, 1),
        Path,
    ]
    return Arrangement(
        {}, {each.name: kinds[at % 5](each.text) for at, each in enumerate(given)}, []
    )


def _files(folder: Path, given: list[Given]) -> None:
    folder.mkdir()
    for each in given:
        data = each.text.encode("utf-8", "surrogateescape") + each.raw
        (folder / each.name).write_bytes(data + b"\n")


def into_credentials(folder: Path, given: list[Given]) -> Arrangement:
    _files(folder / "credentials", given)
    return Arrangement({"CREDENTIALS_DIRECTORY": str(folder / "credentials")}, {}, [])


def into_mounted_files(folder: Path, given: list[Given]) -> Arrangement:
    _files(folder / "mounted", given)
    return Arrangement({"FRACTAL_SECRETS_DIR": "mounted"}, {}, [])


def into_pointed_files(folder: Path, given: list[Given]) -> Arrangement:
    _files(folder / "run", given)
    return Arrangement({f"{each.name}_FILE": f"run/{each.name}" for each in given}, {}, [])


def as_variable_and_file(folder: Path, given: list[Given]) -> Arrangement:
    made = into_pointed_files(folder, given)
    return Arrangement(made.environ | {each.name: each.text for each in given}, {}, [])


def as_name_of_a_file(folder: Path, given: list[Given]) -> Arrangement:
    """The secret itself where its file was to be named: a common mistake."""
    del folder
    return Arrangement({f"{each.name}_FILE": each.text for each in given}, {}, [])


SOURCES: dict[str, Callable[[Path, list[Given]], Arrangement]] = {
    each.__name__: each
    for each in (
        into_settings,
        into_settings_of_an_environment,
        outside_a_section,
        into_secrets,
        into_local,
        into_dotenv,
        into_environment,
        into_overrides,
        into_overrides_of_other_types,
        into_credentials,
        into_mounted_files,
        into_pointed_files,
        as_variable_and_file,
        as_name_of_a_file,
    )
}
TOML_ONLY = {
    "in_a_list",
    "in_a_table",
    "in_a_table_misspelt",
    "over_lines_and_unclosed",
    "twice",
    "with_more_behind",
}
IN_TOML = {
    "into_settings",
    "into_settings_of_an_environment",
    "outside_a_section",
    "into_secrets",
    "into_local",
}


def pairs() -> list[tuple[str, str]]:
    """Each source with each variant that it can have."""
    return [
        (source, variant)
        for source in SOURCES
        for variant in VARIANTS
        if source in IN_TOML or variant not in TOML_ONLY
    ]


def arrange(folder: Path, source: str, variant: str, *, broken: bool) -> Arrangement:
    """Lay a configuration out with a canary in every secret.

    Args:
        folder: the working directory, which does not exist yet.
        source: where the secrets stand.
        variant: how they are written.
        broken: whether other settings are wrong, so that the configuration is refused for them.
    """
    (folder / "config").mkdir(parents=True)
    (folder / "tasks").mkdir()
    text = SETTINGS + ("POSTGRES_PORT = 1.5\nJWT_EXPIRE_SECONDS = 'x'\n" if broken else "")
    (folder / "config" / "settings.toml").write_text(text)
    canaries = [Canary(source, variant, name) for name in SECRETS]
    given = [
        VARIANTS[variant](name, canary.value)
        for name, canary in zip(SECRETS, canaries, strict=True)
    ]
    made = SOURCES[source](folder, given)
    return Arrangement(made.environ, made.overrides, canaries)


def in_urls(folder: Path, *, broken: bool) -> Arrangement:
    """Passwords in the URLs of settings that are no secrets, percent-encoded and not."""
    made = arrange(folder, "into_environment", "right", broken=broken)
    host, query, redirect, encoded = (Canary("URL", each) for each in ("a", "b", "c", "d"))
    from urllib.parse import quote

    urls = {
        "POSTGRES_HOST": f"postgresql://fractal:{host.value}@db/fractal",
        "OAUTH_IDP_OIDC_CONFIGURATION_ENDPOINT": f"https://h/?password={quote(query.value)}&x=1",
        "OAUTH_IDP_REDIRECT_URL": f"https://u:{quote(redirect.value, safe='')}@h/",
        "OAUTH_GITHUB_REDIRECT_URL": "https://h/?next="
        + quote(f"https://u:{encoded.value}@h", safe=""),
    }
    if broken:
        urls |= {"FRACTAL_RUNNER_BACKEND": urls["POSTGRES_HOST"], "FRACTAL_TASKS_DIR": "~/x"}
    canaries = [*made.canaries, host, query, redirect, encoded]
    return Arrangement(made.environ | urls, {}, canaries)


def of_others(folder: Path, *, broken: bool) -> Arrangement:
    """Variables of other programs, and variables that are nearly ours."""
    made = arrange(folder, "into_environment", "right", broken=broken)
    names = ("OAUTH_PROXY_COOKIE", "OAUTH_PROXY_COOKIE_SECRET", "OAUTH_GITHUB_TOKEN", "JWT_SECRET",
             "POSTGRES_PASS", "FRACTAL_TOKEN", "FRACTAL_ADMIN_PASSWORD", "DB_PASSWORD")  # fmt: skip
    canaries = {name: Canary("other", name) for name in names}
    environ = {name: canary.value for name, canary in canaries.items()}
    return Arrangement(made.environ | environ, {}, [*made.canaries, *canaries.values()])


def in_slurm_json(folder: Path, *, broken: bool) -> Arrangement:
    """Values beside it: what a SLURM job is given, and what nobody knows."""
    made = arrange(folder, "into_secrets", "right", broken=False)
    exported, unknown, wrong, beside = (Canary("JSON", each) for each in "abcd")
    document: dict[str, object] = {**SLURM, "user_local_exports": {"TOKEN": exported.value}}
    if broken:
        document["POSTGRES_PASSWORD"] = unknown.value
        document["user_local_exports"] = {"TOKEN": [exported.value], "X": {"y": exported.value}}
        document["default_slurm_config"] = {"api_token": wrong.value, "password": [beside.value]}
    (folder / "config" / "slurm.json").write_text(json.dumps(document))
    environ = {"FRACTAL_RUNNER_BACKEND": "slurm", "FRACTAL_SLURM_CONFIG_FILE": "config/slurm.json"}
    canaries = [*made.canaries, exported, unknown, wrong, beside]
    return Arrangement(made.environ | environ, {}, canaries)


def in_broken_json(folder: Path, *, broken: bool) -> Arrangement:
    """The same in a file that is no JSON, or names a key twice."""
    made = arrange(folder, "into_secrets", "right", broken=False)
    canary = Canary("JSON", "broken")
    text = json.dumps({**SLURM, "user_local_exports": {"TOKEN": canary.value}}, indent=1)
    text = text.replace('"TOKEN": ', '"TOKEN" ') if broken else text.replace("{", '{"a": 1, ', 1)
    if not broken:
        text = text.replace('"TOKEN"', f'"TOKEN": {json.dumps(canary.value)}, "TOKEN"')
    (folder / "config" / "slurm.json").write_text(text)
    environ = {"FRACTAL_RUNNER_BACKEND": "slurm", "FRACTAL_SLURM_CONFIG_FILE": "config/slurm.json"}
    return Arrangement(made.environ | environ, {}, [*made.canaries, canary])


BESIDE: dict[str, Callable[..., Arrangement]] = {
    each.__name__: each for each in (in_urls, of_others, in_slurm_json, in_broken_json)
}
