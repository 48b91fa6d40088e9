"""Probing a machine, on file trees that stand for the kinds there are."""

import datetime as dt
import getpass
import os
import platform
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from readybook.measure.machine.machine import STEPS, granted_facts, probe
from readybook.measure.record import evidence_text, save_evidence
from readybook.model.findings import MachineEvidence

TODAY = dt.date(2026, 11, 23)
GIB = 2**30
V2_MOUNT = "30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw\n"


def tree(root, *, cgroup="0::/\n", mounts=V2_MOUNT, files=None, swap_gib=4):
    """Make the file tree of a machine of 16 GiB and 8 CPUs, 6 of them allowed."""
    content = {
        "proc/meminfo": (
            f"MemTotal: {16 * GIB // 1024} kB\nMemAvailable: {8 * GIB // 1024} kB\n"
            f"SwapTotal: {swap_gib * GIB // 1024} kB\n"
        ),
        "proc/self/cgroup": cgroup,
        "proc/self/mountinfo": mounts,
        "proc/self/status": "Name:\tpython\nCpus_allowed_list:\t0-3,6-7\n",
        "sys/devices/system/cpu/online": "0-7\n",
        **(files or {}),
    }
    for name, text in content.items():
        if text is not None:
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(str(text), "utf-8")
    return root


def values(root):
    return {fact.fact: fact.value for fact in probe(root, today=TODAY).facts}


def granted(root):
    return {fact.fact: fact.value for fact in granted_facts(root)}


def states(root):
    return {fact.fact: fact.state for fact in probe(root, today=TODAY).facts}


CONTROLLERS = "cpuset cpu io memory pids\n"


def test_bare_metal_grants_what_it_has(tmp_path):
    """At the root of the groups no limit is set, so the machine's own figures hold."""
    root = tree(tmp_path, files={"sys/fs/cgroup/cgroup.controllers": CONTROLLERS})

    assert granted(root) == {
        "memory-total": 16.0,
        "memory-limit": "none",
        "memory-granted": 16.0,
        "memory-available": 8.0,
        "swap-total": 4.0,
        "swap-limit": "none",
        "swap-granted": 4.0,
        "cpus-seen": 8,
        "cpus-affinity": 6,
        "cpu-quota": "none",
        "cpus-granted": 6,
    }


FACTS = [
    "memory-total",
    "memory-limit",
    "memory-granted",
    "memory-available",
    "swap-total",
    "swap-limit",
    "swap-granted",
    "cpus-seen",
    "cpus-affinity",
    "cpu-quota",
    "cpus-granted",
    "cpu-throttled",
    "cpu-slowed-by-heat",
    "cpu-governor",
    "cpu-frequency",
    "cpu-features",
    "blas",
    "blas-threads",
    "blas-architecture",
    "matrix-rate",
    "matrix-threads",
    "disk-free",
    "inodes-free",
    "disk-write",
    "temp-free",
    "shm-free",
    "gpus",
    "gpu-memory",
    "gpu-names",
    "root",
    "capabilities",
    "no-new-privileges",
    "sudo",
    "package-install",
    "container-build",
    "writable",
    "open-files",
    "processes-of-user",
    "processes-of-group",
    "processes",
    "package-index",
    "platform",
    "python",
]


@pytest.mark.parametrize("here", [True, False])
def test_every_fact_is_told_whatever_the_machine(tmp_path, here):
    """No fact is left out where it cannot be read: it says why."""
    evidence = probe(today=TODAY) if here else probe(tmp_path, today=TODAY)

    assert [fact.fact for fact in evidence.facts] == FACTS
    assert all(fact.how for fact in evidence.facts)
    assert all((fact.state == "read") == (fact.value is not None)
               for fact in evidence.facts)  # fmt: skip
    assert all(fact.why for fact in evidence.facts if fact.state != "read")


def test_steps_are_told_as_they_begin(tmp_path):
    """A progress bar knows how many there are, and their names."""
    told = []
    probe(tmp_path, today=TODAY, tick=told.append)

    assert tuple(told) == STEPS


def test_limits_of_every_ancestor_hold(tmp_path):
    """The least limit wins, be it of the group itself or of one above it."""
    top = "sys/fs/cgroup"
    root = tree(
        tmp_path,
        cgroup="0::/outer/inner\n",
        files={
            f"{top}/cgroup.controllers": CONTROLLERS,
            f"{top}/outer/memory.max": 4 * GIB,
            f"{top}/outer/memory.swap.max": "max",
            f"{top}/outer/cpu.max": "max 100000",
            f"{top}/outer/inner/memory.max": "max",
            f"{top}/outer/inner/memory.swap.max": 0,
            f"{top}/outer/inner/cpu.max": "150000 100000",
        },
    )
    found = values(root)

    assert (found["memory-limit"], found["memory-granted"]) == (4.0, 4.0)
    assert (found["swap-limit"], found["swap-granted"]) == (0.0, 0.0)
    assert (found["cpu-quota"], found["cpus-granted"]) == (1.5, 1.5)


V1_MOUNTS = (
    "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
    "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
)
V1_GROUPS = "4:memory:/box\n1:cpu,cpuacct:/box\n"


def test_version_1_groups_are_read(tmp_path):
    """Swap is what the limit on memory and swap together leaves."""
    root = tree(
        tmp_path,
        cgroup=V1_GROUPS,
        mounts=V1_MOUNTS,
        files={
            "sys/fs/cgroup/memory/memory.limit_in_bytes": 2**63 - 4096,
            "sys/fs/cgroup/memory/box/memory.limit_in_bytes": 2 * GIB,
            "sys/fs/cgroup/memory/box/memory.memsw.limit_in_bytes": 3 * GIB,
            "sys/fs/cgroup/cpu,cpuacct/box/cpu.cfs_quota_us": 200_000,
            "sys/fs/cgroup/cpu,cpuacct/box/cpu.cfs_period_us": 100_000,
        },
    )
    found = values(root)

    assert (found["memory-limit"], found["swap-limit"]) == (2.0, 1.0)
    assert (found["cpu-quota"], found["cpus-granted"]) == (2.0, 2.0)


def test_version_1_without_limits_has_none(tmp_path):
    """A number of 2^62 or more and a quota of -1 mean no limit."""
    root = tree(
        tmp_path,
        cgroup=V1_GROUPS,
        mounts=V1_MOUNTS,
        files={
            "sys/fs/cgroup/memory/box/memory.limit_in_bytes": 2**62,
            "sys/fs/cgroup/cpu,cpuacct/box/cpu.cfs_quota_us": -1,
            "sys/fs/cgroup/cpu,cpuacct/box/cpu.cfs_period_us": 100_000,
        },
    )
    found = values(root)

    assert [found[f] for f in ("memory-limit", "cpu-quota")] == ["none", "none"]


def test_hybrid_groups_are_read_where_the_controller_lives(tmp_path):
    """Version 2 is mounted too, and has nothing to say on memory and CPUs."""
    root = tree(
        tmp_path,
        cgroup=V1_GROUPS + "0::/other\n",
        mounts=V1_MOUNTS + V2_MOUNT.replace("/cgroup rw", "/cgroup/unified rw"),
        files={
            "sys/fs/cgroup/unified/cgroup.controllers": "hugetlb\n",
            "sys/fs/cgroup/memory/box/memory.limit_in_bytes": 2 * GIB,
            "sys/fs/cgroup/cpu,cpuacct/box/cpu.cfs_quota_us": -1,
        },
    )

    assert values(root)["memory-granted"] == 2.0


def test_mount_that_begins_at_the_group_is_the_group(tmp_path):
    """In a container the path of the host is told, and its own group is mounted."""
    root = tree(
        tmp_path,
        cgroup="4:memory:/docker/0a1b2c\n1:cpu,cpuacct:/docker/0a1b2c\n",
        mounts=V1_MOUNTS.replace(" / /sys", " /docker/0a1b2c /sys"),
        files={
            "sys/fs/cgroup/memory/memory.limit_in_bytes": GIB,
            "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": 50_000,
            "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": 100_000,
        },
    )
    found = values(root)

    assert (found["memory-granted"], found["cpus-granted"]) == (1.0, 0.5)
    assert "0a1b2c" not in evidence_text(probe(root, today=TODAY))


@pytest.mark.parametrize(
    "change",
    [
        {"mounts": ""},
        {"cgroup": "0::/not/mounted/here\n"},
        {"cgroup": None},
        {"cgroup": "nonsense\n"},
    ],
)
def test_limit_that_cannot_be_seen_is_not_taken_as_none(tmp_path, change):
    """Where groups are hidden a limit may be, so nothing is granted for certain."""
    controllers = {"sys/fs/cgroup/cgroup.controllers": CONTROLLERS}
    found = states(tree(tmp_path, files=controllers, **change))

    assert [found[f] for f in ("memory-limit", "memory-granted", "cpus-granted")] == [
        "not visible"
    ] * 3


def test_no_swap_is_known_even_where_limits_are_hidden(tmp_path):
    """A machine without swap grants none, whatever the limit."""
    root = tree(tmp_path, mounts="", swap_gib=0)

    assert values(root)["swap-granted"] == 0


def test_tree_without_proc_is_not_visible(tmp_path):
    """Each fact says why it is not known, and none is made up."""
    facts = probe(tmp_path, today=TODAY).facts

    unknown = [fact for fact in facts if fact.fact not in {"platform", "python"}]
    assert {fact.state for fact in unknown} == {"not visible"}
    assert all(fact.why and fact.value is None for fact in unknown)


def test_file_that_may_not_be_read_is_denied(tmp_path, monkeypatch):
    """Denied is told apart from not visible."""
    root = tree(tmp_path, files={"sys/fs/cgroup/cgroup.controllers": CONTROLLERS})
    read = Path.read_text

    def refuse(path, *args, **kwargs):
        # Root may read everything, so the refusal has to come from here.
        if path.name in {"meminfo", "mountinfo"}:
            raise PermissionError(13, "Permission denied")
        return read(path, *args, **kwargs)

    monkeypatch.setattr(Path, "read_text", refuse)
    found = states(root)

    assert [found[f] for f in ("memory-total", "memory-limit", "memory-granted")] == [
        "denied"
    ] * 3


def test_this_machine_is_probed():
    """The real file tree gives the figures that the operating system gives."""
    evidence = probe(today=TODAY)
    total = evidence.fact("memory-total")
    granted = evidence.fact("memory-granted")

    assert total.value == round(psutil.virtual_memory().total / GIB, 3)
    assert granted.state != "read" or granted.value <= total.value
    assert evidence.fact("cpus-seen").value >= 1


def test_probe_names_no_host_and_no_person():
    """What is recorded could be sent to anybody."""
    text = evidence_text(probe(today=TODAY))
    names = {platform.node(), getpass.getuser(), str(Path.home()), os.getcwd()}  # noqa: PTH109

    assert not [name for name in names if len(name) > 4 and name in text]


def test_probe_needs_no_query_engine():
    """A bare machine is probed in a moment: no engine and no frames are imported."""
    code = (
        "import sys, readybook.measure.machine.machine; "
        "print(*{'ibis', 'duckdb', 'pandas', 'numpy'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == ""


def test_evidence_is_saved_in_one_step_and_read_back(tmp_path):
    """The file holds what was measured, ends with a line end, and leaves no draft."""
    evidence = probe(today=TODAY)
    path = tmp_path / "evidence" / "node.json"
    save_evidence(evidence, path)
    save_evidence(evidence, path)

    assert evidence == MachineEvidence.model_validate_json(path.read_text("utf-8"))
    assert path.read_bytes().endswith(b"}\n")
    assert [path] == list(path.parent.iterdir())


def test_system_without_proc_is_asked_through_psutil(monkeypatch):
    """Where the kernel has no files to read, the same facts come from psutil."""
    wanted = {"memory-total", "swap-total", "cpus-seen", "cpus-affinity"}
    by_files = {f.fact: f.value for f in probe(today=TODAY).facts if f.fact in wanted}
    read = Path.read_text

    def hide(path, *args, **kwargs):
        # macOS and Windows have none of these; psutil reads them in its own way here.
        if path.name in {"meminfo", "status", "online"}:
            raise FileNotFoundError(2, "No such file or directory")
        return read(path, *args, **kwargs)

    monkeypatch.setattr(Path, "read_text", hide)
    facts = [fact for fact in probe(today=TODAY).facts if fact.fact in wanted]

    assert by_files == {fact.fact: fact.value for fact in facts}
    assert {fact.how for fact in facts} == {"psutil"}
