"""Interpreters and directories, made to fail in each way in which they can be made to fail here."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.real import servers
from tests.real.asking import PATH, ask, doctor, settings

pytestmark = pytest.mark.usefixtures("nothing_left")

DEBIAN = Path(__file__).parents[2] / ".tools/debian-python"
VERSIONS = ("3.9", "3.10", "3.11", "3.12")


def python_of(version: str) -> str | None:
    """An interpreter of this version that runs here."""
    if version == "{}.{}".format(*sys.version_info):
        return sys.executable
    folders = [Path(folder) for folder in PATH.split(":")]
    if shutil.which("pyenv"):  # whose shims run one version at a time
        root = Path(subprocess.check_output(["pyenv", "root"], text=True).strip())  # noqa: S607
        folders += root.glob(f"versions/{version}.*/bin")
    for folder in folders:
        path = folder / f"python{version}"
        if path.exists() and subprocess.call([path, "-c", ""], stderr=subprocess.DEVNULL) == 0:
            return str(path)
    return None


FOUND = {version: path for version in VERSIONS if (path := python_of(version))}
VERSION, PYTHON = next(reversed(FOUND.items()), ("3.11", sys.executable))


def name_of(version: str) -> str:
    return f"FRACTAL_TASKS_PYTHON_{version.replace('.', '_')}"


def tasks_python(path: object, version: str = VERSION) -> dict[str, str]:
    """An environment in which the interpreter of one version is set."""
    return settings(FRACTAL_TASKS_PYTHON_DEFAULT_VERSION=version, **{name_of(version): str(path)})


def script(path: Path, text: str) -> Path:
    path.write_text(text)
    path.chmod(0o755)
    return path


@pytest.fixture
def debian_python(had, tmp_path):
    """Python 3.11 as Debian packs it, without python3.11-venv."""
    with had():
        if not DEBIAN.exists():
            raise servers.UnavailableError(f"no Debian Python in {DEBIAN} (.ci/servers gets it)")
    shutil.copytree(DEBIAN / "usr", tmp_path / "usr", symlinks=True)
    return tmp_path / "usr" / "bin" / "python3.11"


@pytest.mark.parametrize("version", FOUND)
def test_an_interpreter_that_can_make_environments_is_accepted(version):
    said = ask("interpreters", tasks_python(FOUND[version], version))
    assert said.codes == set()
    assert f"is {version}, with venv and ensurepip" in said.facts


@pytest.mark.parametrize("path", ["/nonexistent/python", "/etc/hostname/python", "/a" * 3000])
def test_an_interpreter_that_is_not_there_is_told(path):
    assert ask("interpreters", tasks_python(path)).codes == {"FS665"}


def test_a_directory_for_an_interpreter_is_told():
    assert ask("interpreters", tasks_python("/usr")).codes == {"FS666"}


def test_a_file_that_nobody_may_execute_is_told(tmp_path):
    (tmp_path / "python").write_text("#!/bin/sh\n")
    assert ask("interpreters", tasks_python(tmp_path / "python")).codes == {"FS666"}


def test_a_program_that_fails_is_no_python():
    assert ask("interpreters", tasks_python("/usr/bin/false")).codes == {"FS667"}


def test_a_file_in_no_format_of_programs_is_no_python(tmp_path):
    said = ask("interpreters", tasks_python(script(tmp_path / "python", "\x7fELF-not\n")))
    assert said.codes == {"FS667"}
    assert "exec format error" in said.problem("FS667").message


def test_an_environment_whose_python_was_removed_is_told(tmp_path):
    (tmp_path / "python").symlink_to(tmp_path / "gone")
    assert ask("interpreters", tasks_python(tmp_path / "python")).codes == {"FS665"}


def test_a_script_whose_interpreter_was_removed_does_not_run(tmp_path):
    assert ask("interpreters", tasks_python(script(tmp_path / "p", "#!/gone\n"))).codes == {"FS667"}


def test_an_interpreter_of_another_version_is_told():
    other = next(each for each in VERSIONS if each != VERSION)
    said = ask("interpreters", tasks_python(PYTHON, other))
    assert said.codes == {"FS668"}
    assert f"is Python {VERSION}, not {other}" in said.problem("FS668").message


def test_an_interpreter_without_ensurepip_is_told(debian_python):
    variables = tasks_python(debian_python, "3.11")
    assert ask("interpreters", variables).codes == {"FS670"}


def test_an_interpreter_without_venv_is_told(debian_python):
    shutil.rmtree(debian_python.parents[1] / "lib" / "python3.11" / "venv")
    variables = tasks_python(debian_python, "3.11")
    assert ask("interpreters", variables).codes == {"FS669"}


def test_an_interpreter_that_never_ends_is_stopped_with_its_children(tmp_path):
    hanging = script(tmp_path / "python", "#!/bin/sh\nsleep 60 & sleep 60\n")
    assert ask("interpreters", tasks_python(hanging), limit=1).codes == {"FS671"}


def test_one_interpreter_that_hangs_does_not_hide_another(tmp_path):
    hanging = script(tmp_path / "python", "#!/bin/sh\nsleep 60\n")
    one, other = [each for each in VERSIONS if each != VERSION][:2]
    variables = tasks_python(PYTHON) | {name_of(one): str(hanging), name_of(other): "/gone"}
    said = ask("interpreters", variables, limit=1)
    assert said.codes == {"FS671", "FS665"}
    assert f"is {VERSION}" in said.facts


def worker(path: object, **more: str) -> dict[str, str]:
    return settings(FRACTAL_RUNNER_BACKEND="slurm", FRACTAL_SLURM_WORKER_PYTHON=str(path), **more)


def test_a_worker_with_the_servers_version_is_accepted(fractal_server):
    python = fractal_server / "bin" / "python"
    said = ask("interpreters", worker(python), server_python=str(python))
    assert said.codes == set()
    assert "with fractal-server 2.9.0a8" in said.facts


def test_a_worker_without_fractal_server_is_told():
    assert ask("interpreters", worker(sys.executable)).codes == {"FS672"}


def test_a_worker_with_another_version_is_told(fractal_server, tmp_path):
    """Another version, as pip writes it down."""
    python = fractal_server / "bin" / "python"
    (folder,) = fractal_server.glob("lib/python*/site-packages/fractal_server-*.dist-info")
    changed = tmp_path / "fractal_server-2.8.1.dist-info"
    shutil.copytree(folder, changed)
    metadata = (changed / "METADATA").read_text().replace("2.9.0a8", "2.8.1")
    (changed / "METADATA").write_text(metadata)
    older = script(tmp_path / "python", f'#!/bin/sh\nPYTHONPATH={tmp_path} exec {python} "$@"\n')
    said = ask("interpreters", worker(older), server_python=str(python))
    assert said.codes == {"FS673"}
    assert "has fractal-server 2.8.1, the server has 2.9.0a8" in said.problem("FS673").message


def test_a_worker_elsewhere_is_not_looked_for_here():
    variables = worker("/gone") | {"FRACTAL_RUNNER_BACKEND": "slurm_ssh"}
    assert ask("interpreters", variables).codes == set()


# --- directories ------------------------------------------------------------------------------


def directories(tasks: object, jobs: object) -> dict[str, str]:
    return settings(FRACTAL_TASKS_DIR=str(tasks), FRACTAL_RUNNER_WORKING_BASE_DIR=str(jobs))


@pytest.fixture
def mounted(tmp_path):
    """Mounts a small filesystem of its own."""
    made = []

    def mount(kind: str, options: str) -> Path:
        folder = tmp_path / f"mounted-{len(made)}"
        folder.mkdir()
        command = [servers.program("mount"), "-t", kind, "-o", options, kind, str(folder)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise servers.UnavailableError(f"mount: {done.stderr}")
        made.append(folder)
        return folder

    yield mount
    for folder in made:
        subprocess.run([servers.program("umount"), "-l", str(folder)], check=True)


def test_directories_that_are_there_are_accepted(tmp_path):
    for name in ("tasks", "jobs"):
        (tmp_path / name).mkdir()
    said = ask("directories", directories(tmp_path / "tasks", tmp_path / "jobs"))
    assert said.codes == set()
    assert "GiB free on" in said.facts
    assert "they lie apart" in said.facts


def test_directories_that_can_be_made_are_accepted_and_not_made(tmp_path):
    said = ask("directories", directories(tmp_path / "a" / "tasks", tmp_path / "b" / "jobs"))
    assert said.codes == set()
    assert list(tmp_path.iterdir()) == []


def test_a_directory_below_a_file_cannot_be_made(tmp_path):
    said = ask("directories", directories("/etc/hostname/tasks", tmp_path / "jobs"))
    assert said.codes == {"FS675"}


def test_a_directory_on_a_read_only_filesystem_cannot_be_made(had, mounted, tmp_path):
    with had():
        folder = mounted("tmpfs", "ro,size=2g,nr_inodes=0")
    assert "FS675" in ask("directories", directories(folder / "tasks", tmp_path / "jobs")).codes


def test_a_dangling_link_cannot_be_made(tmp_path):
    (tmp_path / "tasks").symlink_to("/nonexistent/tasks")
    said = ask("directories", directories(tmp_path / "tasks", tmp_path / "jobs"))
    assert said.codes == {"FS675"}
    assert "a link that leads nowhere" in said.problem("FS675").message


def test_a_directory_that_another_user_may_not_make_is_told(had, home, tmp_path):
    """Asked as nobody; and one that nobody may not even look at."""
    with had():
        if os.geteuid():
            raise servers.UnavailableError("only root can ask as another user")
    closed = home / "closed"
    (closed / "tasks").mkdir(parents=True)
    closed.chmod(0o700)
    ask("directories", directories(tmp_path / "a", tmp_path / "b"))  # imports what is needed
    for tasks in (closed / "tasks", home / "not" / "there"):
        said = as_nobody(lambda: ask("directories", directories(tasks, "/tmp/jobs")))  # noqa: B023
        assert said.codes == {"FS675"}
        assert "by user 65534" in said.problem("FS675").message


def as_nobody(asked):
    ours, theirs = multiprocessing.Pipe(duplex=False)
    pid = os.fork()
    if pid == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
        try:
            theirs.send(asked())
        finally:
            os._exit(0)
    theirs.close()
    said = ours.recv()
    os.waitpid(pid, 0)
    return said


@pytest.mark.parametrize(
    ("tasks", "jobs"), [("a", "a"), ("a", "a/jobs"), ("a/tasks", "a"), ("link/x", "a")]
)
def test_directories_in_one_another_are_told(tmp_path, tasks, jobs):
    (tmp_path / "a").mkdir()
    (tmp_path / "link").symlink_to("a")
    said = ask("directories", directories(tmp_path / tasks, tmp_path / jobs))
    assert said.codes == {"FS676"}


def test_a_name_that_begins_like_the_other_is_no_directory_in_it(tmp_path):
    said = ask("directories", directories(tmp_path / "fractal", tmp_path / "fractal-jobs"))
    assert said.codes == set()


def test_a_directory_that_everybody_may_write_in_is_told(tmp_path):
    (tmp_path / "tasks").mkdir()
    (tmp_path / "tasks").chmod(0o777)
    said = ask("directories", directories(tmp_path / "tasks", tmp_path / "jobs"))
    assert said.codes == {"FS677"}
    assert "mode 0777" in said.problem("FS677").message


def test_a_filesystem_that_is_nearly_full_is_told(had, mounted, tmp_path):
    with had():
        folder = mounted("tmpfs", "size=5m,nr_inodes=0")
    said = ask("directories", directories(folder / "tasks", tmp_path / "jobs"))
    assert said.codes == {"FS678"}
    assert f"{folder} (tmpfs)" in said.facts


def test_a_filesystem_with_few_inodes_left_is_told(had, mounted, tmp_path):
    with had():
        folder = mounted("tmpfs", "size=2g,nr_inodes=100")
    assert ask("directories", directories(folder / "tasks", tmp_path / "jobs")).codes == {"FS679"}


@pytest.fixture
def hanging(had, tmp_path):
    """A FUSE filesystem whose server is away: whoever looks at it waits."""
    folder = tmp_path / "hanging"
    folder.mkdir()
    libc = ctypes.CDLL(None, use_errno=True)
    with had():
        if not os.access("/dev/fuse", os.R_OK | os.W_OK):
            raise servers.UnavailableError("no /dev/fuse to hang with")
    device = os.open("/dev/fuse", os.O_RDWR)
    try:
        options = f"fd={device},rootmode=40000,user_id=0,group_id=0".encode()
        with had():
            if libc.mount(b"fuse", str(folder).encode(), b"fuse", 0, options):
                raise servers.UnavailableError(os.strerror(ctypes.get_errno()))
        yield folder
    finally:
        os.close(device)  # the kernel gives the filesystem up
        libc.umount2(str(folder).encode(), 2)


def test_a_filesystem_that_hangs_gives_no_answer_within_the_limit(hanging, tmp_path):
    said = ask("directories", directories(hanging, tmp_path / "jobs"), limit=1)
    assert said.codes == {"FS681"}


def test_the_command_does_not_hang_with_the_filesystem(hanging, tmp_path):
    variables = directories(hanging, tmp_path / "jobs")
    began = time.monotonic()
    report = doctor(variables, tmp_path, "--only", "directories", "--timeout", "1")
    assert time.monotonic() - began < 10
    assert "FS681" in report.codes
    assert "FS301" not in report.codes
