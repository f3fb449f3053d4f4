"""The merge is Dynaconf's: what the engine makes of layers, the public class makes of the files."""

from __future__ import annotations

import tempfile
from pathlib import Path

import tomli_w
from dynaconf import Dynaconf
from hypothesis import given, settings
from hypothesis import strategies as st

from fractal_settings.loading import resolve
from fractal_settings.merge import merge
from fractal_settings.model import names
from fractal_settings.origins import Source
from fractal_settings.sources.layers import Layer, Variables

FILES = ("settings.toml", ".secrets.toml", "settings.local.toml", ".secrets.local.toml")
NAMES = [*sorted(names() - {"OAUTH_CLIENTS_CONFIG"})[:12], "OAUTH_GITHUB_CLIENT_ID"]

texts = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=12),
    st.sampled_from(
        ["@int 5", "@format {this.POSTGRES_DB}", "@jinja {{ 1 }}", "@merge", "@del", "@reset",
         "@none", "@read_file /etc/hostname", "@get POSTGRES_DB", "dynaconf_merge", "true", "1e5"]
    ),
)  # fmt: skip
values = st.one_of(texts, st.booleans(), st.integers(-(2**62), 2**62), st.floats(allow_nan=False))
sections = st.dictionaries(st.sampled_from(NAMES), values, max_size=6)
documents = st.dictionaries(st.sampled_from(["default", "dev", "prod"]), sections, max_size=3)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.sampled_from(FILES), documents), st.sampled_from(["dev", "prod"]))
def test_merged_values_are_those_of_the_public_class(files, environment):
    files = {"settings.toml": {"default": {}, "dev": {}, "prod": {}}, **files}
    files["settings.toml"] = {"dev": {}, "prod": {}, **files["settings.toml"]}
    with tempfile.TemporaryDirectory() as folder:
        # Dynaconf reads x.local.toml unasked behind each x.toml: under other names it does not.
        copies = {name: Path(folder) / f"{order}.toml" for order, name in enumerate(FILES)}
        for name, document in files.items():
            for path in (Path(folder) / name, copies[name]):
                path.write_text(tomli_w.dumps(document), "utf-8")
        theirs = Dynaconf(
            root_path=folder,
            settings_files=[str(path) for path in copies.values()],
            environments=True,
            env=environment,
            auto_cast=False,
            envvar_prefix="NO_SUCH_PREFIX_HERE",
        ).as_dict()
        ours = resolve(environment, config_dir=folder, environ={}, cwd=folder).merged.values
    assert dict(ours) == theirs


raw = st.one_of(values, st.none(), st.lists(st.integers(), max_size=2))
keys = st.text(st.characters(exclude_characters="\0"), min_size=1, max_size=8)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.dictionaries(keys, raw, max_size=5), max_size=4))
def test_a_later_layer_overrides_an_earlier_one_whatever_names_and_values_are(layers):
    made = [Layer(Source.OVERRIDES, each, Variables(Source.OVERRIDES, each)) for each in layers]
    expected = {name: value for each in layers for name, value in each.items()}
    assert dict(merge(made).values) == expected


def test_names_that_differ_only_in_case_or_blanks_are_different_names():
    values = {"OAUTH_github_CLIENT_ID": "a", "OAUTH_GITHUB_CLIENT_ID": "b", " X ": "c", "X": "d"}
    layer = Layer(Source.ENVIRONMENT, values, Variables(Source.ENVIRONMENT, values))
    assert dict(merge([layer]).values) == values
