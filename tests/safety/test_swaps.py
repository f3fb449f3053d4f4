"""Who loads while somebody deploys gets the old version or the new one, and nothing between."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from fractal_settings import load, resolve

THREADS, PROCESSES = 64, 16
SECONDS_BETWEEN = 0.005
FEWEST_VERSIONS = 4  # that each one who loads has seen before it ends
MOST_SECONDS = 60

BASE = {
    "FRACTAL_TASKS_DIR": "/srv/fractal/tasks",
    "FRACTAL_RUNNER_WORKING_BASE_DIR": "/srv/fractal/jobs",
    "FRACTAL_TASKS_PYTHON_DEFAULT_VERSION": "3.11",
    "FRACTAL_TASKS_PYTHON_3_11": "/usr/bin/python3.11",
    "PATH": "",
}
SECRETS = ("JWT_SECRET_KEY", "POSTGRES_PASSWORD", "FRACTAL_DEFAULT_ADMIN_PASSWORD")
FILLING = "# filling, so that a file is read in more than one piece\n" * 300


class Deployment(NamedTuple):
    """A way to deploy a new version of what is loaded.

    Attributes:
        environ: of who loads.
        deploy: puts a version in the place of the one before.
    """

    environ: dict[str, str]
    deploy: Callable[[int], None]


def replaced(path: Path, text: str) -> None:
    neighbour = path.with_suffix(".new")
    neighbour.write_text(text)
    neighbour.rename(path)


def linked(path: Path, target: str) -> None:
    neighbour = path.with_name("new-link")
    neighbour.symlink_to(target)
    neighbour.rename(path)


def one_file(folder: Path) -> Deployment:
    (folder / "config").mkdir()

    def deploy(version: int) -> None:
        names = "".join(f'{name} = "{version}"\n' for name in (*SECRETS, "POSTGRES_DB"))
        replaced(folder / "config" / "settings.toml", f"[prod]\n{names[:20]}{names[20:]}{FILLING}")

    return Deployment({"FRACTAL_ENV": "prod"}, deploy)


def config_folder(folder: Path) -> Deployment:
    """A link to a folder for each release; the old one is removed."""
    before: list[Path] = []

    def deploy(version: int) -> None:
        release = folder / f"release-{version}"
        release.mkdir()
        (release / "settings.toml").write_text(f'[prod]\nPOSTGRES_DB = "{version}"\n{FILLING}')
        names = "".join(f'{name} = "{version}"\n' for name in SECRETS)
        (release / ".secrets.toml").write_text(f"[prod]\n{names}{FILLING}")
        linked(folder / "config", release.name)
        for each in before:
            shutil.rmtree(each)
        before[:] = [release]

    return Deployment({"FRACTAL_ENV": "prod"}, deploy)


def kubernetes_mount(folder: Path) -> Deployment:
    """What the kubelet does: links through `..data`, which is replaced; the old data is removed."""
    mount = folder / "mount"
    mount.mkdir()
    names = (*SECRETS, "POSTGRES_DB")
    for name in names:
        (mount / name).symlink_to(f"..data/{name}")
    before: list[Path] = []

    def deploy(version: int) -> None:
        data = mount / f"..2024_01_01_{version}"
        data.mkdir()
        for name in names:
            (data / name).write_text(f"{version}\n")
        linked(mount / "..data", data.name)
        for each in before:
            shutil.rmtree(each)
        before[:] = [data]

    return Deployment({"FRACTAL_SECRETS_DIR": str(mount)}, deploy)


def loading(cwd: Path, environ: dict[str, str]) -> list[str]:
    """Load again and again, until some versions were seen; what went wrong."""
    seen: set[str] = set()
    until = time.monotonic() + MOST_SECONDS
    while len(seen) < FEWEST_VERSIONS:
        try:
            settings = load(environ=BASE | environ, cwd=cwd)
        except BaseException:  # noqa: BLE001 - anything that is raised is wrong
            return [traceback.format_exc()]
        versions = {str(settings.POSTGRES_DB), *(str(getattr(settings, each)) for each in SECRETS)}
        if len(versions) > 1:
            return [f"mixed: {versions}"]
        seen |= versions
        if time.monotonic() > until:
            return [f"no more than {len(seen)} versions seen"]
    return []


def in_threads(cwd: Path, environ: dict[str, str]) -> list[str]:
    outcomes: list[list[str]] = []
    threads = [
        threading.Thread(target=lambda: outcomes.append(loading(cwd, environ)))
        for _ in range(THREADS)
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(outcomes) == THREADS
    return [wrong for each in outcomes for wrong in each]


def in_child(act: Callable[[], list[str]], told: Path) -> int:
    """Run it in a child, which writes down what went wrong."""
    child = os.fork()
    if not child:
        status = 1
        try:
            told.write_text(json.dumps(act()))
            status = 0
        finally:
            os._exit(status)
    return child


@pytest.mark.parametrize("deployment", [one_file, config_folder, kubernetes_mount])
@pytest.mark.parametrize("crowd", ["64 threads", "16 processes"])
def test_every_result_is_one_of_the_versions(crowd, deployment, tmp_path):
    environ, deploy = deployment(tmp_path)
    versions = itertools.count()
    deploy(next(versions))
    load(environ=BASE | environ, cwd=tmp_path)  # what is imported once, before the fork
    act = in_threads if crowd == "64 threads" else loading
    running = {
        in_child(lambda: act(tmp_path, environ), tmp_path / f"told-{number}"): number
        for number in range(1 if crowd == "64 threads" else PROCESSES)
    }
    wrong = []
    while running:
        deploy(next(versions))
        time.sleep(SECONDS_BETWEEN)
        for child in list(running):
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                assert status == 0
                wrong += json.loads((tmp_path / f"told-{running.pop(child)}").read_text())
    assert wrong == []


def test_a_folder_whose_link_leads_nowhere_is_not_taken_for_none(tmp_path):
    (tmp_path / "config").symlink_to("gone")
    resolved = resolve(environ=BASE, cwd=tmp_path)
    assert [each.code for each in resolved.problems] == ["FS102"]


@pytest.mark.parametrize("data", ["nowhere", "a file"])
def test_a_mount_whose_data_is_not_there_is_told_at_each_file_not_read_all_over(data, tmp_path):
    (tmp_path / "a file").touch()
    (tmp_path / "mount").mkdir()
    (tmp_path / "mount" / "..data").symlink_to(f"../{data}")
    (tmp_path / "mount" / "JWT_SECRET_KEY").symlink_to("..data/JWT_SECRET_KEY")
    resolved = resolve(environ=BASE | {"FRACTAL_SECRETS_DIR": "mount"}, cwd=tmp_path)
    told = {each.code: each.origin.path for each in resolved.problems if each.origin}
    assert told["FS102"] == "mount/JWT_SECRET_KEY"
    assert "FS120" not in told


def test_a_folder_that_is_swapped_all_the_time_is_refused_not_mixed(tmp_path, monkeypatch):
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "settings.toml").write_text("[prod]\nDB_ECHO = true\n")
    monkeypatch.setattr(os.path, "samestat", lambda one, other: one is other)
    resolved = resolve("prod", environ=BASE, cwd=tmp_path)
    assert [each.code for each in resolved.problems] == ["FS120"]
