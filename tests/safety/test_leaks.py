"""No way out shows a secret, whatever source it came from and whatever is wrong with it."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

import pytest

from fractal_settings import OAuthClientConfig, Settings

from .arrangements import BESIDE, SECRETS, Arrangement, arrange, pairs
from .canaries import Canary, seen, words_around
from .ways_out import command_line, exception, library, refusal

FEWEST_PATHS = 500


class Search:
    """Looks for canaries in what was told, and counts how many had a way to be told.

    Attributes:
        paths: a secret, its source, what is wrong, and the way out.
        shown: those paths on which a canary was seen, with the text around it.
    """

    def __init__(self) -> None:
        self.paths: set[tuple[str, str, str]] = set()
        self.shown: dict[str, str] = {}

    def through(self, where: str, made: Arrangement, told: Iterator[tuple[str, str]]) -> None:
        """Search every text that was told of an arrangement."""
        looked_at: set[str] = set()
        for way, text in told:
            self.paths |= {(where, repr(canary), way) for canary in made.canaries}
            if text not in looked_at and seen(text, made.canaries):
                self.shown[f"{where}: {way}"] = words_around(text, made.canaries)
            looked_at.add(text)


@pytest.mark.parametrize("broken", [False, True])
@pytest.mark.parametrize("beside", BESIDE)
def test_no_way_out_shows_what_stands_beside_the_settings(beside, broken, tmp_path):
    search = Search()
    made = BESIDE[beside](tmp_path / "cwd", broken=broken)
    search.through(beside, made, library(made, tmp_path / "cwd"))
    search.through(beside, made, command_line(made, tmp_path / "cwd", few=not broken))
    assert search.shown == {}


def test_no_way_out_shows_a_secret(tmp_path):
    search = Search()
    for source, variant in pairs():
        for broken in (False, True) if variant == "right" else (False,):
            where = f"{source}, {variant}, broken: {broken}"
            cwd = tmp_path / f"{source}-{variant}-{broken}"
            made = arrange(cwd, source, variant, broken=broken)
            search.through(where, made, library(made, cwd))
    assert search.shown == {}
    assert len(search.paths) >= FEWEST_PATHS


@pytest.mark.parametrize(
    ("source", "variant"),
    [
        ("into_environment", "right"),
        ("into_secrets", "right"),
        ("into_settings", "unclosed"),
        ("into_mounted_files", "undecodable"),
    ],
)
def test_no_command_prints_a_secret(source, variant, tmp_path):
    search = Search()
    made = arrange(tmp_path / "cwd", source, variant, broken=source == "into_mounted_files")
    search.through(source, made, command_line(made, tmp_path / "cwd", few=variant != "right"))
    assert search.shown == {}


def test_no_object_made_directly_shows_a_secret():
    search = Search()
    canaries = [Canary("direct", name) for name in SECRETS]
    made = Arrangement({}, {}, canaries)
    for wrong in ({}, {"POSTGRES_PORT": 1.5}, {"JWT_SECRET_KEYS": canaries[0].value}):

        def build(wrong=wrong):
            return Settings(
                JWT_SECRET_KEY=canaries[0].value,
                POSTGRES_PASSWORD=canaries[1].value,
                FRACTAL_DEFAULT_ADMIN_PASSWORD=canaries[2].value,
                FRACTAL_TASKS_PYTHON_DEFAULT_VERSION="3.11",
                FRACTAL_TASKS_PYTHON_3_11="/usr/bin/python3.11",
                **wrong,
            )

        error = refusal(build)
        assert bool(error) == bool(wrong)
        told = exception("direct", error) if error else iter([("repr", repr(build()))])
        search.through("direct", made, told)
    for wrong in ({}, {"CLIENT_ID": None}, {"CLIENT_SECRETS": canaries[3].value}):

        def client(wrong=wrong):
            fields = {"CLIENT_NAME": "GITHUB", "CLIENT_ID": "id", **wrong}
            return OAuthClientConfig(CLIENT_SECRET=canaries[3].value, **fields)

        error = refusal(client)
        assert bool(error) == bool(wrong)
        told = exception("direct", error) if error else iter([("repr", repr(client()))])
        search.through("direct", made, told)
    assert search.shown == {}


def as_it_is(name: str, value: object) -> object:
    """What a function that redacts does once it is switched off."""
    del name
    return value


def never(name: str) -> bool:
    """What tells a secret, once it is switched off."""
    del name
    return False


@pytest.mark.parametrize(
    ("switched_off", "replacement", "source", "variant", "way"),
    [
        ("redact.Secret.__repr__", str.__repr__, "into_environment", "right",
         "repr of resolved.settings.JWT_SECRET_KEY"),
        ("redact.Values.__repr__", dict.__repr__, "into_overrides_of_other_types", "right",
         "repr of resolved.facts.merged.values"),
        ("merge.redacted", as_it_is, "into_overrides_of_other_types", "right",
         "history of JWT_SECRET_KEY"),
        ("merge.redacted", as_it_is, "into_environment", "nul", "refusal 0: pickle"),
        ("sources.layers.redacted", as_it_is, "into_environment", "nul", "refusal 0: str"),
        ("sources.layers.redacted", as_it_is, "into_environment", "nul", "report, in colour"),
        ("sources.layers.redacted", as_it_is, "into_dotenv", "nul", "report, JSON"),
        ("sources.sections.is_secret", never, "into_secrets", "nul", "report, drawn"),
        ("cli.show.redacted", as_it_is, "into_environment", "right", "fractal-settings show"),
        ("cli.explain.redacted", as_it_is, "into_environment", "right",
         "fractal-settings explain"),
        ("cli.diff.redacted", as_it_is, "into_environment", "right", "fractal-settings diff"),
        ("texts.redacted", as_it_is, "into_environment", "right", "fractal-settings export"),
    ],
)  # fmt: skip
def test_a_canary_is_seen_where_redaction_is_switched_off_for_one_way_out(
    switched_off, replacement, source, variant, way, tmp_path, monkeypatch
):
    monkeypatch.setattr(f"fractal_settings.{switched_off}", replacement)
    cwd = tmp_path / "cwd"
    made = arrange(cwd, source, variant, broken=False)
    search = Search()
    if way.startswith("fractal-settings"):
        search.through("", made, command_line(made, cwd, verb=way.split()[1]))
    else:
        search.through("", made, library(made, cwd))
    assert any(each.startswith(f": {way}") for each in search.shown), list(search.shown)


@pytest.mark.parametrize(
    ("form", "write"),
    [
        ("plain", lambda text: f"x{text}x"),
        ("start", lambda text: text[:8]),
        ("end", lambda text: text[-8:]),
        ("percent", lambda text: quote(text, safe="")),
        ("percent", lambda text: f"?x={quote_plus(text)}".lower()),
        ("base64", lambda text: base64.b64encode(text.encode()).decode()),
        ("base64", lambda text: base64.b64encode(f"x{text}".encode()).decode()),
        ("base64", lambda text: base64.b64encode(f"xy{text}z".encode()).decode()),
        ("base64", lambda text: base64.urlsafe_b64encode(f"xy{text}".encode()).decode()),
        ("JSON", lambda text: json.dumps({"x": text})),
        ("JSON", lambda text: json.dumps([text], ensure_ascii=False)),
        ("repr", lambda text: repr([text])),
        ("ascii", lambda text: ascii([text])),
        ("repr of bytes", lambda text: repr(text.encode())),
        ("hex", lambda text: text.encode().hex().upper()),
    ],
)
def test_a_canary_is_recognized_in_each_form(form, write):
    canary = Canary("form")
    assert any(form in each for each in seen(write(canary.value), [canary]))
    assert not seen(write(Canary("another").value), [canary])
