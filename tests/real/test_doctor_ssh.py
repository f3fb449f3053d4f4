"""The cluster behind ssh, made to fail in each way in which it can be made to fail here."""

from __future__ import annotations

import json
import os
import shutil
import signal
import time

import pytest

from fractal_settings.probes import SshTarget
from tests.real import servers
from tests.real.asking import MARK, ask, settings

JOB = {"partition": "main", "cpus_per_task": 1, "mem": 100}
BATCHING = {
    "target_cpus_per_job": 1,
    "max_cpus_per_job": 1,
    "target_mem_per_job": 100,
    "max_mem_per_job": 100,
    "target_num_jobs": 1,
    "max_num_jobs": 1,
}


@pytest.fixture
def home_of_user(tmp_path, sshd):
    """A home in which the host is known."""
    (tmp_path / ".ssh").mkdir()
    shutil.copy(sshd.known_hosts, tmp_path / ".ssh" / "known_hosts")
    return tmp_path


@pytest.fixture
def variables(home_of_user, fractal_server, sshd, slurm):
    """The settings that are right; the test may leave no session, process or job."""
    before = slurm.jobs()
    file = home_of_user / "slurm.json"
    file.write_text(json.dumps({"default_slurm_config": JOB, "batching_config": BATCHING}))
    yield settings(
        HOME=str(home_of_user),
        FRACTAL_RUNNER_BACKEND="slurm_ssh",
        FRACTAL_SLURM_CONFIG_FILE=str(file),
        FRACTAL_SLURM_WORKER_PYTHON=str(fractal_server / "bin" / "python"),
    )
    servers.until(lambda: sshd.children() == [], "the end of the sessions", 2)
    assert slurm.jobs() == before


@pytest.fixture
def target(sshd):
    return SshTarget(f"127.0.0.1:{sshd.port}", sshd.user, str(sshd.key))


def asked(variables, target, **scene):
    return ask("ssh", variables, ssh=target, **scene)


@pytest.fixture(autouse=True)
def _nothing_left(nothing_left):
    """Every test here."""


def test_the_right_login_is_accepted_with_slurm_and_worker_behind_it(variables, target):
    said = asked(variables, target)
    assert said.codes == set()
    assert "logged in to 127.0.0.1" in said.facts
    assert "with fractal-server 2.9.0a8" in said.facts
    assert "the controller is up" in said.facts
    assert "default_slurm_config is accepted" in said.facts


def test_a_job_that_the_cluster_refuses_is_told_from_behind_ssh(variables, target, home_of_user):
    content = {"default_slurm_config": JOB | {"constraint": "tape"}, "batching_config": BATCHING}
    (home_of_user / "slurm.json").write_text(json.dumps(content, indent=2))
    found = asked(variables, target).problem("FS640")
    assert found.origin.line == 6


def test_without_a_host_there_is_a_note(variables):
    said = asked(variables, None)
    assert said.codes == set()
    assert said.notes == {"FS650"}


def test_a_key_that_is_not_there_is_told(variables, target):
    wrong = SshTarget(target.host, target.user, "/nonexistent/key")
    assert asked(variables, wrong).codes == {"FS651"}


def test_a_key_that_others_may_read_is_told(variables, target, tmp_path):
    key = tmp_path / "open_key"
    shutil.copy(target.key, key)
    key.chmod(0o644)
    assert asked(variables, SshTarget(target.host, target.user, str(key))).codes == {"FS652"}


def test_a_key_with_a_passphrase_is_told(variables, target, tmp_path):
    key = servers.new_key(tmp_path / "locked_key", passphrase="made-up")
    assert asked(variables, SshTarget(target.host, target.user, str(key))).codes == {"FS653"}


def test_a_public_key_for_a_private_one_is_told(variables, target, tmp_path):
    key = tmp_path / "key.pub"
    shutil.copy(f"{target.key}.pub", key)
    key.chmod(0o600)
    assert asked(variables, SshTarget(target.host, target.user, str(key))).codes == {"FS653"}


def test_a_key_that_the_host_does_not_know_is_refused(variables, target, tmp_path):
    key = servers.new_key(tmp_path / "another_key")
    assert asked(variables, SshTarget(target.host, target.user, str(key))).codes == {"FS660"}


def test_a_user_whom_the_host_does_not_know_is_refused(variables, target):
    wrong = SshTarget(target.host, "nobody-knows-me", target.key)
    assert asked(variables, wrong).codes == {"FS660"}


def test_a_host_without_address_is_told(variables, target):
    wrong = SshTarget("cluster.no-such-domain.invalid", target.user, target.key)
    assert asked(variables, wrong).codes == {"FS654"}


def test_a_closed_port_is_told(variables, target):
    assert asked(variables, SshTarget("127.0.0.1:1", target.user, target.key)).codes == {"FS655"}


def test_a_black_hole_gives_no_answer_within_the_limit(variables, target, black_hole):
    wrong = SshTarget(f"127.0.0.1:{black_hole}", target.user, target.key)
    assert asked(variables, wrong, limit=1.5).codes == {"FS656"}


def test_a_database_server_is_no_ssh(variables, target, postgres):
    wrong = SshTarget(f"127.0.0.1:{postgres.port}", target.user, target.key)
    assert asked(variables, wrong).codes == {"FS657"}


def test_a_host_never_seen_is_told(variables, target, home_of_user):
    (home_of_user / ".ssh" / "known_hosts").write_text("")
    assert asked(variables, target).codes == {"FS658"}
    assert (home_of_user / ".ssh" / "known_hosts").read_text() == ""


def test_a_changed_host_key_is_told(variables, target, home_of_user, sshd):
    other = servers.new_key(home_of_user / "other_host_key").with_suffix(".pub").read_text()
    known = home_of_user / ".ssh" / "known_hosts"
    known.write_text(f"[127.0.0.1]:{sshd.port} {other}")
    said = asked(variables, target)
    assert said.codes == {"FS659"}
    assert f"ssh-keygen -R '[127.0.0.1]:{sshd.port}'" in said.problem("FS659").hint


def test_client_commands_that_are_missing_there_are_told(home, variables, home_of_user):
    """`sh` and `timeout` are all that a session finds."""
    folder = home / "no-slurm"
    folder.mkdir()
    for name in ("sh", "timeout"):
        (folder / name).symlink_to(servers.program(name))
    with servers.sshd(home / "bare", environ={"PATH": str(folder)}) as bare:
        shutil.copy(bare.known_hosts, home_of_user / ".ssh" / "known_hosts")
        bare_target = SshTarget(f"127.0.0.1:{bare.port}", bare.user, str(bare.key))
        said = asked(variables, bare_target)
    assert said.codes == {"FS661"}
    assert "scontrol, sinfo, sbatch, squeue" in said.problem("FS661").message
    assert "with fractal-server" in said.facts


def test_a_host_that_ends_every_session_is_told_by_its_words(home, variables, home_of_user):
    with servers.sshd(home / "closing", more="ForceCommand /bin/sh -c 'exit 3'\n") as closing:
        shutil.copy(closing.known_hosts, home_of_user / ".ssh" / "known_hosts")
        wrong = SshTarget(f"127.0.0.1:{closing.port}", closing.user, str(closing.key))
        assert asked(variables, wrong).codes == {"FS662"}


def test_a_host_without_sftp_is_told(home, variables, home_of_user, slurm):
    with servers.sshd(home / "no-sftp", environ=slurm.environ, more="") as there:
        shutil.copy(there.known_hosts, home_of_user / ".ssh" / "known_hosts")
        wrong = SshTarget(f"127.0.0.1:{there.port}", there.user, str(there.key))
        assert asked(variables, wrong).codes == {"FS664"}


@pytest.mark.parametrize(
    "python", ["/nonexistent/python", "/etc/hostname", "/usr/bin/false"], ids=str
)
def test_a_worker_python_that_does_not_run_there_is_told(variables, target, python):
    wrong = variables | {"FRACTAL_SLURM_WORKER_PYTHON": python}
    said = asked(wrong, target)
    assert said.codes == {"FS663"}
    assert said.problem("FS663").origin.place == "environment FRACTAL_SLURM_WORKER_PYTHON"


def test_a_worker_without_fractal_server_is_told(variables, target):
    wrong = variables | {"FRACTAL_SLURM_WORKER_PYTHON": servers.program("python3")}
    assert asked(wrong, target).codes == {"FS672"}


def test_a_cluster_that_hangs_leaves_nothing_running_there(variables, home, home_of_user):
    """The controller is stopped, so that every command over ssh waits for it."""
    with (
        servers.slurm(home / "hanging") as hanging,
        servers.sshd(home / "to-hanging", environ=hanging.environ | {"DOCTOR_TEST": MARK}) as there,
    ):
        shutil.copy(there.known_hosts, home_of_user / ".ssh" / "known_hosts")
        wrong = SshTarget(f"127.0.0.1:{there.port}", there.user, str(there.key))
        pid = int((hanging.folder / "slurmctld.pid").read_text())
        os.kill(pid, signal.SIGSTOP)
        try:
            assert asked(variables, wrong, limit=2).codes == {"FS634"}
        finally:
            os.kill(pid, signal.SIGCONT)
        time.sleep(2.5)  # what still runs there ends by the limit, too
        assert there.children() == []


def test_another_backend_gives_no_reason_to_log_in(variables, target):
    assert asked(variables | {"FRACTAL_RUNNER_BACKEND": "slurm"}, target) == []
