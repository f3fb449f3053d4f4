"""The example files of the guides, tried as far as it can be done without what they are for."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from fractal_settings import resolve
from fractal_settings.checking import examine
from fractal_settings.origins import Source
from fractal_settings.problems import errors
from fractal_settings.redact import SECRETS

ROOT = Path(__file__).parents[2]
GUIDES = ROOT / "docs" / "guides"
SYSTEMD = shutil.which("systemd-analyze")
KUBECTL = shutil.which("kubectl")
SERVER_PYTHON = ("3.11", "/usr/bin/python3.11")


@pytest.fixture
def service(tmp_path):
    """What the service would have: the example's settings, and its secrets as files."""
    (tmp_path / "etc").mkdir()
    text = (ROOT / "config/settings.toml").read_text().replace('"slurm"', '"local"')
    text = re.sub(r"^(OAUTH|FRACTAL_SLURM_CONFIG).*\n", "", text, flags=re.MULTILINE)
    (tmp_path / "etc/settings.toml").write_text(text)
    (tmp_path / "secrets").mkdir()
    for name in SECRETS:
        (tmp_path / "secrets" / name).write_text(f"made-up-{name.lower().replace('_', '-')}\n")
    return tmp_path


def fine(folder: Path, environ: dict[str, str], source: Source) -> None:
    """With these variables every check passes, and each secret comes from the source."""
    resolved = resolve(environ=environ, cwd=folder, server_python=SERVER_PYTHON)
    assert not errors(examine(resolved).problems)
    assert resolved.environment == "prod"
    for name in SECRETS:
        assert resolved.origin(name).source is source
        assert resolved.values[name] == f"made-up-{name.lower().replace('_', '-')}"


def unit() -> list[tuple[str, str]]:
    lines = (GUIDES / "fractal-server.service").read_text().splitlines()
    return [tuple(line.split("=", 1)) for line in lines if "=" in line and line[0] != "#"]


def test_the_unit_finds_its_settings_and_its_credentials(service):
    environ = dict(v.split("=", 1) for k, v in unit() if k == "Environment")
    credentials = [v.split(":")[0] for k, v in unit() if k == "LoadCredential"]
    assert set(credentials) == SECRETS
    environ |= {"FRACTAL_SETTINGS_DIR": "etc", "CREDENTIALS_DIRECTORY": "secrets"}
    fine(service, environ, Source.CREDENTIALS)


def test_the_unit_starts_a_command_that_there_is(service):
    (start,) = (v for k, v in unit() if k == "ExecStart")
    words = shlex.split(start)
    assert words[:3] == ["/opt/fractal-settings/bin/fractal-settings", "run", "--"]
    environ = {
        "FRACTAL_SETTINGS_DIR": "etc",
        "FRACTAL_ENV": "prod",
        "CREDENTIALS_DIRECTORY": "secrets",
        "PATH": os.defpath,
        "PYTHONPATH": str(ROOT),
    }
    run = subprocess.run(
        [sys.executable, "-m", "fractal_settings", "run", "--", "printenv", "JWT_SECRET_KEY"],
        cwd=service,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.stdout == "made-up-jwt-secret-key\n", run.stderr


@pytest.mark.skipif(not SYSTEMD, reason="NOT TESTED: systemd-analyze is not here")
def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path):
    text = (GUIDES / "fractal-server.service").read_text()
    there = re.sub(r"=/opt/\S+", f"={shutil.which('true')}", text)
    (tmp_path / "fractal-server.service").write_text(there)
    run = subprocess.run(
        [SYSTEMD, "verify", "./fractal-server.service"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, "")


def compose() -> dict:
    return yaml.safe_load((GUIDES / "compose.yaml").read_text())


def test_the_compose_file_gives_the_server_what_it_needs(service):
    server = compose()["services"]["fractal-server"]
    assert set(server["secrets"]) == SECRETS
    assert f"./config:{server['environment']['FRACTAL_SETTINGS_DIR']}:ro" in server["volumes"]
    assert server["environment"]["FRACTAL_SECRETS_DIR"] == "/run/secrets"
    environ = {"FRACTAL_SETTINGS_DIR": "etc", "FRACTAL_SECRETS_DIR": "secrets"}
    fine(service, server["environment"] | environ, Source.SECRETS_DIR)


def test_the_compose_file_is_whole():
    """Each thing that a service names is there, and nothing else is."""
    parts = compose()
    services = parts["services"].values()
    named = {secret for service in services for secret in service["secrets"]}
    assert named == set(parts["secrets"])
    volumes = {each.split(":")[0] for service in services for each in service["volumes"]}
    assert {each for each in volumes if not each.startswith(".")} == set(parts["volumes"])
    for name, about in parts["secrets"].items():
        assert about == {"file": f"./secrets/{name}"}
    server, database = parts["services"]["fractal-server"], parts["services"]["database"]
    for name in ("POSTGRES_USER", "POSTGRES_DB"):
        assert server["environment"][name] == database["environment"][name]
    assert server["environment"]["POSTGRES_HOST"] in parts["services"]


def manifests() -> dict[str, dict]:
    found = yaml.safe_load_all((GUIDES / "kubernetes.yaml").read_text())
    return {each["kind"]: each for each in found}


def test_the_manifest_gives_the_server_what_it_needs(service):
    """The Secret is mounted as Kubernetes mounts it: behind a link that is swapped as a whole."""
    settings = manifests()["ConfigMap"]["data"]["settings.toml"]
    (service / "etc/settings.toml").write_text(settings)
    (service / "secrets").rename(service / "mounted")
    (service / "secrets").mkdir()
    (service / "mounted").rename(service / "secrets/..2026")
    (service / "secrets/..data").symlink_to("..2026")
    for name in SECRETS:
        (service / "secrets" / name).symlink_to(f"..data/{name}")
        (service / "secrets/..2026" / name).chmod(0o644)
    pod = manifests()["Deployment"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    environ = {each["name"]: each["value"] for each in container["env"]}
    mounts = {each["name"]: each["mountPath"] for each in container["volumeMounts"]}
    assert mounts["settings"] == environ["FRACTAL_SETTINGS_DIR"]
    assert mounts["secrets"] == environ["FRACTAL_SECRETS_DIR"]
    assert set(mounts) == {each["name"] for each in pod["volumes"]}
    environ |= {"FRACTAL_SETTINGS_DIR": "etc", "FRACTAL_SECRETS_DIR": "secrets"}
    fine(service, environ, Source.SECRETS_DIR)


def within(one: object, other: object) -> bool:
    """Whether all that `one` says is in `other`."""
    if isinstance(one, dict) and isinstance(other, dict):
        return all(key in other and within(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(within, one, other))
    return one == other


@pytest.mark.skipif(not KUBECTL, reason="NOT TESTED: kubectl is not here")
@pytest.mark.parametrize(("right", "wrong"), [("", ""), ("readinessProbe", "readynessProbe")])
def test_kubectl_knows_every_field_of_the_deployment(tmp_path, right, wrong):
    """`set env --local` reads it into Kubernetes' own types, which drop what they do not know."""
    text = (GUIDES / "kubernetes.yaml").read_text().split("---\n")[1].replace(right, wrong)
    (tmp_path / "deployment.yaml").write_text(text)
    run = subprocess.run(
        [KUBECTL, "set", "env", "--local", "-f", "deployment.yaml", "LAST=1", "-o", "json"],
        cwd=tmp_path,
        env={"KUBECONFIG": "/dev/null"},
        capture_output=True,
        check=True,
    )
    read = json.loads(run.stdout)
    read["spec"]["template"]["spec"]["containers"][0]["env"].pop()
    assert within(yaml.safe_load(text), read) == (not wrong)


@pytest.mark.parametrize(
    ("right", "wrong", "code"), [("", "", 0), ("JWT_EXPIRE_SECONDS", "JWT_EXPIRES", 1)]
)
def test_the_steps_of_the_workflow_do_what_they_are_for(tmp_path, right, wrong, code):
    shutil.copytree(ROOT / "config", tmp_path / "config")
    path = tmp_path / "config/settings.toml"
    path.write_text(path.read_text().replace(right, wrong, 1))
    (tmp_path / "fractal-settings").write_text(
        f'#!/bin/sh\nexec {sys.executable} -m fractal_settings "$@"\n'
    )
    (tmp_path / "fractal-settings").chmod(0o755)
    workflow = yaml.safe_load((GUIDES / "github-actions.yaml").read_text())
    steps = [each["run"] for each in workflow["jobs"]["check"]["steps"] if "run" in each]
    assert steps[0] == "pip install fractal-settings"
    environ = {"PATH": f"{tmp_path}:{os.defpath}", "PYTHONPATH": str(ROOT)}
    runs = [
        subprocess.run(
            ["/bin/sh", "-ec", step],
            cwd=tmp_path,
            env=environ,
            capture_output=True,
            text=True,
            check=False,
        )
        for step in steps[1:]
    ]
    assert [run.returncode for run in runs] == [code, code]
    assert ("::error " in runs[0].stdout) == bool(code)
    sarif = json.loads((tmp_path / "settings.sarif").read_text())
    assert any(each.get("level") == "error" for each in sarif["runs"][0]["results"]) == bool(code)


def test_the_configuration_for_pre_commit_names_the_hook_that_there_is():
    page = (GUIDES / "pre-commit.md").read_text()
    (block,) = re.findall(r"```yaml\n(repos:\n.*?)```", page, flags=re.DOTALL)
    (hook,) = yaml.safe_load(block)["repos"][0]["hooks"]
    (defined,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    assert hook == {"id": defined["id"]}
