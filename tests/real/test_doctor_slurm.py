"""SLURM, made to fail in each way in which it can be made to fail here."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.real import servers
from tests.real.asking import IMPORTABLE, ask, settings

pytestmark = pytest.mark.usefixtures("nothing_left")

BATCHING = {
    "target_cpus_per_job": 1,
    "max_cpus_per_job": 2,
    "target_mem_per_job": 100,
    "max_mem_per_job": 400,
    "target_num_jobs": 2,
    "max_num_jobs": 4,
}
JOB = {"partition": "main", "cpus_per_task": 1, "mem": 100}


@pytest.fixture
def file(tmp_path):
    """Writes the SLURM file."""

    def write(job=None, gpu=None, batching=None):
        content = {
            "default_slurm_config": JOB | (job or {}),
            "batching_config": BATCHING | (batching or {}),
        }
        if gpu is not None:
            content["gpu_slurm_config"] = gpu
        (tmp_path / "slurm.json").write_text(json.dumps(content, indent=2))

    write()
    return write


@pytest.fixture
def variables(slurm, file, tmp_path):  # noqa: ARG001 - the file must be there
    """The settings that are right; the test may leave no job."""
    before = slurm.jobs()
    yield settings(
        **slurm.environ,
        FRACTAL_RUNNER_BACKEND="slurm",
        FRACTAL_SLURM_CONFIG_FILE=str(tmp_path / "slurm.json"),
    )
    assert slurm.jobs() == before


def clients(folder: Path, *names: str) -> str:
    """A PATH on which only these of SLURM's commands are."""
    folder.mkdir()
    for name in names:
        (folder / name).symlink_to(servers.program(name))
    return str(folder)


def test_jobs_that_the_cluster_takes_are_accepted(variables, file):
    file({"time": "00:30:00", "constraint": "ssd"}, gpu={"gres": "gpu:v100:1"})
    said = ask("slurm", variables)
    assert said.codes == set()
    assert "the controller is up" in said.facts
    assert "default_slurm_config is accepted; gpu_slurm_config is accepted" in said.facts


@pytest.mark.parametrize(
    ("code", "job"),
    [
        pytest.param("FS636", {"partition": "maim"}, id="unknown partition"),
        pytest.param("FS637", {"partition": "closed"}, id="partition down"),
        pytest.param("FS637", {"partition": "inactive"}, id="partition inactive"),
        pytest.param("FS638", {"partition": "members", "account": "lab"}, id="account"),
        pytest.param("FS639", {"gres": "gpu:v100:8"}, id="too many GPUs"),
        pytest.param("FS639", {"gres": "gpu:a100:1"}, id="another GPU"),
        pytest.param("FS639", {"gres": "nonsense"}, id="unknown resource"),
        pytest.param("FS639", {"gpus": "8"}, id="gpus"),
        pytest.param("FS640", {"constraint": "tape"}, id="constraint"),
        pytest.param("FS641", {"mem": "99G"}, id="memory"),
        pytest.param("FS641", {"partition": "small", "mem": 800}, id="memory of the partition"),
        pytest.param("FS642", {"cpus_per_task": 64}, id="CPUs"),
        pytest.param("FS642", {"partition": "small", "cpus_per_task": 2}, id="CPUs there"),
        pytest.param("FS643", {"time": "10:00:00"}, id="too long"),
        pytest.param("FS643", {"time": "forever"}, id="no time"),
        pytest.param("FS644", {"extra_lines": ["#SBATCH --bogus=1"]}, id="unknown option"),
        pytest.param("FS644", {"extra_lines": ["#SBATCH --nodelist=nowhere"]}, id="no such node"),
    ],
)
def test_a_refused_job_is_told_by_what_is_refused(variables, file, code, job):
    file(job)
    assert ask("slurm", variables).codes == {code}


def test_two_refused_things_are_told_at_once_each_at_its_line(variables, file, tmp_path):
    file({"constraint": "tape", "mem": "99G"})
    said = ask("slurm", variables, tmp_path)
    assert said.codes == {"FS640", "FS641"}
    assert said.problem("FS640").origin.place == "slurm.json:6:19"
    assert said.problem("FS640").snippet.text == '"constraint": "tape"'
    assert said.problem("FS641").origin.place == "slurm.json:5:12"


def test_what_a_gpu_task_inherits_is_told_where_it_stands(variables, file, tmp_path):
    file({"mem": 1500}, gpu={"partition": "small", "gres": "gpu:v100:1"})
    found = ask("slurm", variables, tmp_path).problem("FS641")
    assert found.origin.name == "default_slurm_config.mem"


def test_things_that_are_accepted_one_by_one_are_refused_together(variables, file):
    file({"cpus_per_task": 2, "extra_lines": ["#SBATCH --ntasks=2"]})
    assert ask("slurm", variables).codes == {"FS645"}


def test_a_partition_without_a_living_node_is_told(variables, file):
    file({"partition": "deserted"})
    assert "FS646" in ask("slurm", variables).codes


def test_the_largest_job_of_batching_is_tried(variables, file):
    file(batching={"max_cpus_per_job": 64, "max_mem_per_job": "99G"})
    assert ask("slurm", variables).codes == {"FS647"}


def test_a_partition_for_others_refuses_even_the_smallest_job(variables, file, tmp_path):
    file({"partition": "roots"})
    nobody = tmp_path / "as-nobody"
    # As root every partition is open; so sbatch is asked as nobody.
    path = clients(nobody, "scontrol", "sinfo", "squeue", "sudo")
    wrapper = nobody / "sbatch"
    setpriv = servers.program("setpriv")
    wrapper.write_text(
        "#!/bin/sh\n"
        f"exec {setpriv} --reuid=65534 --regid=65534 --clear-groups "
        f'{servers.program("sbatch")} "$@"\n'
    )
    wrapper.chmod(0o755)
    assert ask("slurm", variables | {"PATH": path}).codes == {"FS649"}


@pytest.mark.parametrize("missing", ["scontrol", "sinfo"])
def test_a_missing_client_command_is_told(variables, tmp_path, missing):
    names = {"scontrol", "sinfo", "sbatch", "squeue", "sudo"} - {missing}
    said = ask("slurm", variables | {"PATH": clients(tmp_path / "bin", *names)})
    assert said.codes == {"FS630"}
    assert missing in said.problem("FS630").message


def test_a_client_command_that_does_not_run_is_told(variables, tmp_path):
    path = clients(tmp_path / "bin", "sinfo", "sbatch", "squeue", "sudo")
    (tmp_path / "bin" / "scontrol").write_text("#!/no/such/interpreter\n")
    (tmp_path / "bin" / "scontrol").chmod(0o755)
    assert ask("slurm", variables | {"PATH": path}).codes == {"FS630"}


def test_a_missing_sudo_is_told(variables, tmp_path):
    path = clients(tmp_path / "bin", "scontrol", "sinfo", "sbatch", "squeue")
    assert ask("slurm", variables | {"PATH": path}).codes == {"FS648"}


@pytest.mark.parametrize("named", ["/nonexistent/slurm.conf", "/"])
def test_a_slurm_conf_that_names_no_file_does_not_hang(variables, named):
    said = ask("slurm", variables | {"SLURM_CONF": named})
    assert said.codes == {"FS631"}
    assert said.problem("FS631").origin.place == "environment SLURM_CONF"


def test_a_configuration_that_does_not_parse_is_told_with_its_line(variables, tmp_path):
    (tmp_path / "slurm.conf").write_text("bogus garbage\n")
    wrong = variables | {"SLURM_CONF": str(tmp_path / "slurm.conf")}
    found = ask("slurm", wrong).problem("FS632")
    assert "line 1" in found.message


def test_no_configuration_at_all_is_told(variables):
    if Path("/etc/slurm/slurm.conf").exists():
        pytest.skip("this machine has a SLURM of its own")
    del variables["SLURM_CONF"]
    assert ask("slurm", variables).codes == {"FS632"}


@pytest.fixture
def own_slurm(home):
    """A SLURM for one test to break."""
    with servers.slurm(home / "own-slurm") as running:
        yield running
    shutil.rmtree(running.folder)


def test_a_dead_controller_is_told(variables, own_slurm):
    servers.stop_pid(own_slurm.folder / "slurmctld.pid")
    assert ask("slurm", variables | own_slurm.environ).codes == {"FS633"}


def test_a_controller_that_hangs_gives_no_answer_within_the_limit(variables, own_slurm):
    pid = int((own_slurm.folder / "slurmctld.pid").read_text())
    os.kill(pid, signal.SIGSTOP)
    try:
        assert ask("slurm", variables | own_slurm.environ, limit=1.5).codes == {"FS634"}
    finally:
        os.kill(pid, signal.SIGCONT)


def test_a_dead_munge_is_told(variables, own_slurm):
    servers.stop_pid(own_slurm.folder / "munged.pid")
    assert ask("slurm", variables | own_slurm.environ).codes == {"FS635"}


def test_a_munge_of_another_cluster_is_told(variables, own_slurm, slurm, tmp_path):
    """The clients' munge has another key than the controller's."""
    conf = own_slurm.conf.read_text().replace(
        f"socket={own_slurm.folder}/munge.socket", f"socket={slurm.folder}/munge.socket"
    )
    (tmp_path / "slurm.conf").write_text(conf)
    wrong = variables | {"SLURM_CONF": str(tmp_path / "slurm.conf")}
    assert ask("slurm", wrong).codes == {"FS635"}


def test_another_backend_gives_no_reason_to_ask(variables):
    assert ask("slurm", variables | {"FRACTAL_RUNNER_BACKEND": "local"}) == []


def test_without_a_right_file_the_controller_is_asked_all_the_same(variables, tmp_path):
    (tmp_path / "slurm.json").write_text("{}")
    said = ask("slurm", variables)
    assert said.codes == set()
    assert "the controller is up" in said.facts
    assert "accepted" not in said.facts


LOOKED = """
import os, sys
from fractal_settings import resolve
from fractal_settings.probes import Scene
from fractal_settings.probes.slurm_file import read_slurm_file

def replace(event, arguments):
    if event == "open" and str(arguments[0]).endswith("slurm.json"):
        os.rename("next.json", arguments[0])

scene = Scene(resolve(environ=dict(os.environ)).facts, {})
sys.addaudithook(replace)
looked = read_slurm_file(scene)
print(looked.config.default_slurm_config.partition)
print(looked.document.data["default_slurm_config"]["partition"])
"""


def test_values_and_places_are_of_one_reading_of_the_file(file, tmp_path):
    """When it is opened another file takes its name; a second opening would find none to come."""
    file({"partition": "second"})
    (tmp_path / "slurm.json").rename(tmp_path / "next.json")
    file({"partition": "first"})
    variables = settings(FRACTAL_SLURM_CONFIG_FILE=str(tmp_path / "slurm.json"))
    said = subprocess.run(
        [sys.executable, "-c", LOOKED],
        cwd=tmp_path,
        env=variables | IMPORTABLE,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (said.stdout.split(), said.stderr) == (["second", "second"], "")
