"""Mistakes planted at random in many layers at once: each is told at its place, none is made up.

The gallery has mistakes that somebody thought of; here they meet in every company.
"""

from __future__ import annotations

import tempfile
from itertools import count
from pathlib import Path
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from fractal_settings import Settings, resolve
from fractal_settings.catalogue.entry import COMPLETE
from fractal_settings.checking import examine
from fractal_settings.origins import Source

# By name: a wrong value as text and its code, one that no text can be and its code, a right one.
WHOLE = (("x1", "FS201"), ("1.5", "FS201"), "7")
TEXT = (None, ("{n}", "FS206"), "right")
PATH = (None, ("{n}", "FS206"), "/srv/fractal")
INTERPRETER = (("bin/python{n}", "FS209"), ("{n}", "FS206"), "/usr/bin/python3")
KINDS = {
    "PROJECT_NAME": TEXT,
    "PROJECT_VERSION": TEXT,
    "JWT_EXPIRE_SECONDS": WHOLE,
    "JWT_SECRET_KEY": (None, ("{n}", "FS206"), "0c5f1e97d2f84a63b7d9e5f1b06a4c2d"),
    "COOKIE_EXPIRE_SECONDS": (("-{n}", "FS218"), ("true", "FS201"), "7"),
    "DB_ECHO": (("x{n}", "FS202"), ("{n}", "FS202"), "yes"),
    "POSTGRES_USER": TEXT,
    "POSTGRES_PASSWORD": TEXT,
    "POSTGRES_HOST": TEXT,
    "POSTGRES_PORT": (("x{n}", "FS309"), ("1.5", "FS206"), "5433"),
    "POSTGRES_DB": TEXT,
    "FRACTAL_DEFAULT_ADMIN_EMAIL": (("x{n}", "FS223"), ("{n}", "FS206"), "me@example.org"),
    "FRACTAL_DEFAULT_ADMIN_PASSWORD": TEXT,
    "FRACTAL_DEFAULT_ADMIN_USERNAME": TEXT,
    "FRACTAL_TASKS_DIR": PATH,
    "FRACTAL_RUNNER_BACKEND": (("x{n}", "FS204"), ("{n}", "FS204"), "local"),
    "FRACTAL_RUNNER_WORKING_BASE_DIR": PATH,
    "FRACTAL_LOGGING_LEVEL": WHOLE,
    "FRACTAL_LOCAL_CONFIG_FILE": (None, ("{n}", "FS206"), None),
    "FRACTAL_API_MAX_JOB_LIST_LENGTH": WHOLE,
    "FRACTAL_GRACEFUL_SHUTDOWN_TIME": WHOLE,
    "FRACTAL_SLURM_CONFIG_FILE": (None, ("{n}", "FS206"), "/nowhere/slurm.json"),
    "FRACTAL_SLURM_WORKER_PYTHON": INTERPRETER,
    "FRACTAL_TASKS_PYTHON_DEFAULT_VERSION": (("3.{n}", "FS203"), ("3.1", "FS203"), "3.11"),
    "FRACTAL_TASKS_PYTHON_3_9": INTERPRETER,
    "FRACTAL_TASKS_PYTHON_3_10": INTERPRETER,
    "FRACTAL_TASKS_PYTHON_3_11": INTERPRETER,
    "FRACTAL_TASKS_PYTHON_3_12": INTERPRETER,
    "FRACTAL_SLURM_POLL_INTERVAL": WHOLE,
    "FRACTAL_SLURM_SBATCH_SLEEP": (("-{n}", "FS220"), ("true", "FS205"), "0.5"),
    "FRACTAL_SLURM_ERROR_HANDLING_INTERVAL": WHOLE,
    "FRACTAL_API_SUBMIT_RATE_LIMIT": WHOLE,
    "FRACTAL_RUNNER_TASKS_INCLUDE_IMAGE": TEXT,
    "FRACTAL_API_V1_MODE": (("x{n}", "FS204"), ("true", "FS204"), "exclude"),
    "FRACTAL_MAX_PIP_VERSION": TEXT,
}
# Lowest first; a section of a TOML file, or something else.
LAYERS = (
    (Source.SETTINGS, "default"),
    (Source.SETTINGS, "prod"),
    (Source.SECRETS, "default"),
    (Source.SECRETS, "prod"),
    (Source.LOCAL, "prod"),
    (Source.LOCAL_SECRETS, "prod"),
    (Source.DOTENV, ""),
    (Source.ENVIRONMENT, ""),
    (Source.OVERRIDES, ""),
)
PATHS = {
    Source.SETTINGS: "config/settings.toml",
    Source.SECRETS: "config/.secrets.toml",
    Source.LOCAL: "config/settings.local.toml",
    Source.LOCAL_SECRETS: "config/.secrets.local.toml",
    Source.DOTENV: ".fractal_server.env",
}


class Said(NamedTuple):
    """What a layer says of a setting: a value, whether it has quotes in TOML, and its code."""

    value: str
    quoted: bool
    code: str


@st.composite
def plans(draw):
    """For some settings, what some layers say; for some layers, keys that are no setting."""
    numbers = count(100)
    plan: dict[str, dict[int, Said]] = {}
    for name in draw(st.lists(st.sampled_from(sorted(KINDS)), unique=True, max_size=12)):
        as_text, as_other, right = KINDS[name]
        for layer in draw(st.sets(st.integers(0, len(LAYERS) - 1), min_size=1, max_size=3)):
            choices = []
            if as_text:
                choices.append((*as_text, True))
            if LAYERS[layer][1]:
                choices.append((*as_other, False))
            if right and not any(each.code == "" for each in plan.get(name, {}).values()):
                choices.append((right, "", True))
            if choices:
                value, code, quoted = draw(st.sampled_from(choices))
                said = Said(value.format(n=next(numbers)), quoted, code)
                if said.value not in {each.value for each in plan.get(name, {}).values()}:
                    plan.setdefault(name, {})[layer] = said
    for layer in draw(st.sets(st.integers(0, len(LAYERS) - 1), max_size=4)):
        code = "FS115" if LAYERS[layer][1] or LAYERS[layer][0] is Source.OVERRIDES else "FS122"
        plan[f"FRACTAL_{'Z' * 9}_{next(numbers)}"] = {layer: Said("x", True, code)}
    return plan


def plant(plan: dict[str, dict[int, Said]], folder: Path) -> tuple[set, dict, dict]:
    """Write the files; what is to be found, the variables and the overrides."""
    expected = set()
    texts = dict.fromkeys(PATHS.values(), "")
    environ = {name: value for name, value in COMPLETE.items() if name not in plan}
    overrides = {}
    for index, (source, section) in enumerate(LAYERS):
        path = PATHS.get(source, "")
        if section:
            texts[path] += f"[{section}]\n"
        for name, layers in plan.items():
            if index not in layers:
                continue
            value, quoted, code = layers[index]
            line = texts[path].count("\n") + 1 if path else 0
            if section:
                texts[path] += f'{name} = "{value}"\n' if quoted else f"{name} = {value}\n"
            elif path:
                texts[path] += f"{name}={value}\n"
            else:
                (environ if source is Source.ENVIRONMENT else overrides)[name] = value
            if code and index == max(layers):
                column = (1 if code == "FS115" else len(name) + 4) if section else 0
                expected.add((code, name, source, path, section, line, column))
    (folder / "config").mkdir()
    for path, text in texts.items():
        (folder / path).write_text(text)
        (folder / path).chmod(0o600)
    return expected, environ, overrides


def test_every_setting_takes_part():
    assert set(KINDS) == set(Settings.model_fields) - {"OAUTH_CLIENTS_CONFIG"}


@settings(max_examples=150, deadline=None)
@given(plan=plans())
def test_mistakes_in_many_layers_are_each_told_and_none_hides_or_makes_another(plan):
    with tempfile.TemporaryDirectory() as place:
        expected, environ, overrides = plant(plan, Path(place))
        resolved = resolve("prod", environ=environ, cwd=place, overrides=overrides)
        found = {
            (each.code, each.name, *(each.origin[:1] + each.origin[2:] if each.origin else ()))
            for each in examine(resolved).problems
        }
    assert found == expected
