"""The probe in real limits: it reports the limit that binds, not the machine's size.

Each skips, with its reason, where the kernel or the rights at hand do not allow it.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import uuid
from pathlib import Path

import psutil
import pytest

from probing import declare, probed, shell

MIB = 2**20
GROUPS = Path("/sys/fs/cgroup")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.kernel_limits,
    pytest.mark.skipif(sys.platform != "linux", reason="limits of Linux"),
]


def works(*words):
    """Return whether a command of the system is there, and allowed."""
    if shutil.which(words[0]) is None:
        return False
    return subprocess.run(words, capture_output=True, check=False).returncode == 0


def needs(*words):
    """Skip where a wrapper cannot be used."""
    if not works(*words, "true"):
        pytest.skip(f"`{' '.join(words)}` is missing or not allowed here")


@contextlib.contextmanager
def nested_groups(controller):
    """Yield the version, and an outer and an inner control group of a new name."""
    v1, is_v1 = GROUPS / controller, (GROUPS / controller / "cgroup.procs").is_file()
    top = v1 if is_v1 else GROUPS
    outer = top / f"readybook-test-{uuid.uuid4().hex[:8]}"
    inner = outer / "inner"
    try:
        if not is_v1:
            handed = (GROUPS / "cgroup.subtree_control").read_text("ascii").split()
            if controller not in handed:
                pytest.skip(f"the groups of this machine hand no {controller} down")
        inner.mkdir(parents=True)
        if not is_v1:
            (outer / "cgroup.subtree_control").write_text(f"+{controller}", "ascii")
    except OSError as error:
        with contextlib.suppress(OSError):
            outer.rmdir()
        pytest.skip(f"no control group can be made here ({error.strerror})")
    try:
        yield ("v1" if is_v1 else "v2"), outer, inner
    finally:
        inner.rmdir()
        outer.rmdir()


def inside(group):
    return shell(f"echo $$ > {group}/cgroup.procs")


def value(evidence, fact):
    return evidence.fact(fact).value


def test_the_outer_groups_memory_binds():
    """The group itself has no limit; the one around it holds all the same."""
    with nested_groups("memory") as (version, outer, inner):
        file = {"v1": "memory.limit_in_bytes", "v2": "memory.max"}[version]
        (outer / file).write_text(str(768 * MIB), "ascii")
        found = probed(wrap=inside(inner))

    assert value(found, "memory-limit") == 0.75
    assert value(found, "memory-granted") == 0.75
    assert value(found, "memory-total") == round(
        psutil.virtual_memory().total / 2**30, 3
    )


def test_the_outer_groups_quota_binds_and_throttles():
    """A quarter of a CPU is granted, and a load of one thread is stopped for it."""
    with nested_groups("cpu") as (version, outer, inner):
        if version == "v1":
            (outer / "cpu.cfs_quota_us").write_text("25000", "ascii")
        else:
            (outer / "cpu.max").write_text("25000 100000", "ascii")
        # Beside heavy neighbours a second may pass without the quota being used up.
        for _ in range(3):
            found = probed(wrap=inside(inner))
            if value(found, "cpu-throttled"):
                break

    assert (value(found, "cpu-quota"), value(found, "cpus-granted")) == (0.25, 0.25)
    assert value(found, "cpu-throttled") > 0


def test_the_groups_number_of_processes_binds():
    """The user could start more than the group allows."""
    with nested_groups("pids") as (_version, outer, inner):
        (outer / "pids.max").write_text("300", "ascii")
        found = probed(wrap=inside(inner))

    assert value(found, "processes") == 300


def test_open_files_of_the_shell_bind():
    """What `ulimit -n` says is what a job may open."""
    found = probed(wrap=shell("ulimit -n 200"))

    assert value(found, "open-files") == 200


def test_one_allowed_cpu_is_granted():
    """The machine's other CPUs are seen, and not granted."""
    allowed = min(os.sched_getaffinity(0))
    needs("taskset", "-c", str(allowed))
    found = probed(wrap=("taskset", "-c", allowed))

    assert (value(found, "cpus-affinity"), value(found, "cpus-granted")) == (1, 1)
    assert value(found, "cpus-seen") == psutil.cpu_count()


def test_one_thread_for_linear_algebra_is_told():
    """The environment holds BLAS to one thread, so the rate is that of one."""
    settings = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS")
    found = probed(**dict.fromkeys(settings, "1"))
    if value(found, "blas-threads") is None:
        pytest.skip("threadpoolctl does not know the BLAS of this numpy")

    assert (value(found, "blas-threads"), value(found, "matrix-threads")) == (1, 1)
    assert value(found, "matrix-rate") > 0
    assert "OPENBLAS_NUM_THREADS" in found.fact("blas-threads").why


def test_without_a_network_nothing_is_reached(tmp_path):
    """A network of its own has no route, and the index does not answer."""
    apart = ("unshare", "--net") if os.geteuid() == 0 else ("unshare", "-r", "--net")
    needs(*apart)
    folder = declare(tmp_path / "churn", "192.0.2.1", 443, index=True)
    found = probed(
        "--for", folder, wrap=apart, PIP_INDEX_URL="https://192.0.2.1/simple"
    )

    assert [one.state for one in found.endpoints] == ["no route"]
    assert value(found, "package-index") == "no"


def test_full_file_system_has_no_room_and_no_rate(tmp_path):
    """It is measured without a byte being written, and says why."""
    needs("unshare", "--mount")
    full = tmp_path / "full"
    full.mkdir()
    filled = shell(
        f"mount -t tmpfs -o size=64k readybook {full}; cd {full}\n"
        "dd if=/dev/zero of=filler bs=1k count=64 2>/dev/null"
    )
    if not works("unshare", "--mount", *filled, "true"):
        pytest.skip("no file system can be mounted here")
    found = probed(wrap=("unshare", "--mount", *filled))
    rate = found.fact("disk-write")

    assert value(found, "disk-free") == 0
    assert (rate.state, rate.value) == ("not visible", None)
    assert rate.why == "less than 128 MiB are free, so no file was written"


def test_unprivileged_user_has_no_privileges():
    """Nobody is no root, has no capability, and may not write where root may."""
    nobody = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
    needs(*nobody)
    if not works(*nobody, sys.executable, "-c", "import readybook"):
        pytest.skip("nobody may not read this Python")
    found = probed(wrap=nobody, cwd="/", HOME="/nowhere")

    assert (value(found, "root"), value(found, "capabilities")) == ("no", "none")
    assert value(found, "sudo") == "no"
    assert found.fact("disk-write").state == "denied"
    assert "/etc" not in value(found, "writable")


def test_rights_that_cannot_grow_are_told():
    """What `sudo` would give is out of reach then."""
    needs("setpriv", "--no-new-privs")
    found = probed(wrap=("setpriv", "--no-new-privs"))

    assert value(found, "no-new-privileges") == "yes"


def test_machine_without_swap_grants_none():
    """None is 0, not "not visible": that is what a job has to know."""
    if psutil.swap_memory().total:
        pytest.skip("this machine has swap")
    found = probed()

    assert (value(found, "swap-total"), value(found, "swap-granted")) == (0, 0)
