"""The limits that bind, on file trees that stand for the kinds of machines."""

from pathlib import Path

import pytest

from probing import line
from readybook.measure.machine.facts import least_fact, read_fact, unseen_fact
from readybook.measure.machine.limits import (
    granted_facts,
    started_facts,
    throttling_fact,
)

GIB = 2**30
V2_MOUNT = "30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw\n"


def put(root, files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(str(text), "utf-8")
    return root


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
    return put(root, {name: text for name, text in content.items() if text is not None})


def granted(root):
    return {fact.fact: fact.value for fact in granted_facts(root)}


CONTROLLERS = "cpuset cpu io memory pids\n"


def test_bare_metal_grants_what_it_has(tmp_path):
    """At the root of the groups no limit is set, so the machine's own figures hold."""
    root = tree(tmp_path, files={"sys/fs/cgroup/cgroup.controllers": CONTROLLERS})

    group = "control groups v2, 1 level | no limit is set"
    assert list(map(line, granted_facts(root))) == [
        "memory-total | read | 16.0 | GiB | /proc/meminfo MemTotal",
        f"memory-limit | read | none | {group}",
        "memory-granted | read | 16.0 | GiB | the least of memory-total, memory-limit",
        "memory-available | read | 8.0 | GiB | /proc/meminfo MemAvailable",
        "swap-total | read | 4.0 | GiB | /proc/meminfo SwapTotal",
        f"swap-limit | read | none | {group}",
        "swap-granted | read | 4.0 | GiB | the least of swap-total, swap-limit",
        "cpus-seen | read | 8 | CPUs | /sys/devices/system/cpu/online",
        "cpus-affinity | read | 6 | CPUs | /proc/self/status Cpus_allowed_list",
        f"cpu-quota | read | none | {group}",
        (
            "cpus-granted | read | 6 | CPUs | "
            "the least of cpus-seen, cpus-affinity, cpu-quota"
        ),
    ]


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
    found = granted(root)
    facts = {fact.fact: fact for fact in granted_facts(root)}

    assert line(facts["memory-limit"]) == (
        "memory-limit | read | 4.0 | GiB | control groups v2, 3 levels"
    )
    assert found["memory-granted"] == 4.0
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
    found = granted(root)

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
    found = granted(root)

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

    assert granted(root)["memory-granted"] == 2.0


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
    found = granted(root)

    assert (found["memory-granted"], found["cpus-granted"]) == (1.0, 0.5)
    assert "0a1b2c" not in str(granted_facts(root))


NOT_MOUNTED = "no control group of this process is mounted, so a limit may be hidden"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"mounts": ""}, NOT_MOUNTED),
        ({"mounts": V2_MOUNT.replace("cgroup2 cgroup2", "tmpfs tmpfs")}, NOT_MOUNTED),
        (
            {"cgroup": "0::/not/mounted/here\n"},
            "the group of this process is not mounted, so a limit may be hidden",
        ),
        ({"cgroup": None}, "control groups could not be read (FileNotFoundError)"),
        ({"cgroup": "nonsense\n"}, "control groups could not be read (ValueError)"),
    ],
)
def test_limit_that_cannot_be_seen_is_not_taken_as_none(tmp_path, change, why):
    """Where groups are hidden a limit may be, so nothing is granted for certain."""
    controllers = {"sys/fs/cgroup/cgroup.controllers": CONTROLLERS}
    root = tree(tmp_path, files=controllers, **change)
    facts = {fact.fact: fact for fact in granted_facts(root)}

    assert line(facts["memory-limit"]) == (
        f"memory-limit | not visible | control groups | {why}"
    )
    assert [facts[f].state for f in ("memory-granted", "cpus-granted")] == [
        "not visible"
    ] * 2


def test_no_swap_is_known_even_where_limits_are_hidden(tmp_path):
    """A machine without swap grants none, whatever the limit."""
    root = tree(tmp_path, mounts="", swap_gib=0)

    assert granted(root)["swap-granted"] == 0


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
    facts = {fact.fact: fact for fact in granted_facts(root)}
    total, limit = (
        "this process may not read it",
        ("this process may not read its control groups"),
    )

    assert line(facts["memory-total"]) == (
        f"memory-total | denied | /proc/meminfo MemTotal | {total}"
    )
    assert line(facts["memory-limit"]) == (
        f"memory-limit | denied | control groups | {limit}"
    )
    assert line(facts["memory-granted"]) == (
        "memory-granted | denied | the least of memory-total, memory-limit | "
        f"memory-total: {total}; memory-limit: {limit}"
    )


def test_system_without_proc_is_asked_through_psutil(monkeypatch):
    """Where the kernel has no files to read, the same facts come from psutil."""
    wanted = {"memory-total", "swap-total", "cpus-seen", "cpus-affinity"}
    by_files = {f.fact: f.value for f in granted_facts(Path("/")) if f.fact in wanted}
    read = Path.read_text

    def hide(path, *args, **kwargs):
        # macOS and Windows have none of these; psutil reads them in its own way here.
        if path.name in {"meminfo", "status", "online"}:
            raise FileNotFoundError(2, "No such file or directory")
        return read(path, *args, **kwargs)

    monkeypatch.setattr(Path, "read_text", hide)
    facts = [fact for fact in granted_facts(Path("/")) if fact.fact in wanted]

    assert by_files == {fact.fact: fact.value for fact in facts}
    assert {fact.how for fact in facts} == {"psutil"}


# --- files and processes ---

LIMITS = (
    "Limit                     Soft Limit           Hard Limit           Units     \n"
    "Max processes             {processes:<20} unlimited            processes \n"
    "Max open files            {files:<20} 524288               files     \n"
)


def limits(root, group="max"):
    """Put limits, with a group of processes below one that has its own."""
    top = "sys/fs/cgroup"
    put(
        root,
        {
            "proc/self/limits": LIMITS.format(processes=4096, files=1024),
            "proc/self/cgroup": "0::/box\n",
            "proc/self/mountinfo": "30 23 0:26 / /sys/fs/cgroup rw - cgroup2 x rw\n",
            f"{top}/cgroup.controllers": "pids\n",
            f"{top}/box/pids.max": f"{group}\n",
        },
    )
    return {fact.fact: fact.value for fact in started_facts(root)}


def test_soft_limits_and_the_groups_limit_bind(tmp_path):
    """Of processes the least of both holds."""
    assert limits(tmp_path, group=200) == {
        "open-files": 1024,
        "processes-of-user": 4096,
        "processes-of-group": 200,
        "processes": 200,
    }


def test_group_without_a_limit_leaves_the_users(tmp_path):
    """No limit is "none", not a large number."""
    found = limits(tmp_path)

    assert (found["processes-of-group"], found["processes"]) == ("none", 4096)


def test_unlimited_is_none(tmp_path):
    """The kernel's word for no limit is read."""
    text = LIMITS.format(processes="unlimited", files="unlimited")
    root = put(tmp_path, {"proc/self/limits": text})
    found = {fact.fact: fact for fact in started_facts(root)}

    assert found["open-files"].value == "none"
    assert found["processes"].state == "not visible"  # a group may limit them


def test_limits_of_a_tree_without_the_kernels_files_say_why_not(tmp_path):
    """Nothing is made up, with a reason each."""
    facts = started_facts(tmp_path)

    user = "processes-of-user | not visible | /proc/self/limits Max processes, soft"
    why = "the file tree has no"
    assert list(map(line, facts)) == [
        (
            "open-files | not visible | /proc/self/limits Max open files, soft | "
            f"{why} /proc/self/limits"
        ),
        f"{user} | {why} /proc/self/limits",
        f"processes-of-group | not visible | /proc | {why} /proc",
        (
            "processes | not visible | the least of processes-of-user, processes-of-group | "
            f"processes-of-user: {why} /proc/self/limits; "
            f"processes-of-group: {why} /proc"
        ),
    ]


@pytest.mark.parametrize(("outer", "inner"), [(2, 4), (4, 2)])
@pytest.mark.parametrize("version", [1, 2])
def test_of_two_limits_the_least_binds(tmp_path, version, outer, inner):
    """It may be that of the group itself, or that of one around it."""
    top = "sys/fs/cgroup" + ("/memory" if version == 1 else "")
    file = "memory.limit_in_bytes" if version == 1 else "memory.max"
    root = tree(
        tmp_path,
        cgroup=V1_GROUPS.replace("box", "box/job") if version == 1 else "0::/box/job\n",
        mounts=V1_MOUNTS if version == 1 else V2_MOUNT,
        files={
            "sys/fs/cgroup/cgroup.controllers": CONTROLLERS,
            f"{top}/box/{file}": outer * GIB,
            f"{top}/box/job/{file}": inner * GIB,
            "sys/fs/cgroup/cpu,cpuacct/box/job/cpu.stat": "",
        },
    )

    assert granted(root)["memory-limit"] == 2.0


def test_group_outside_of_what_is_mounted_leaves_the_mount(tmp_path):
    """A path that goes up names no place here: the mount itself holds the process."""
    top = "sys/fs/cgroup"
    root = tree(
        tmp_path,
        cgroup="0::/../../other\n",
        files={
            f"{top}/cgroup.controllers": CONTROLLERS,
            f"{top}/memory.max": 4 * GIB,
            "other/memory.max": GIB,
        },
    )

    assert granted(root)["memory-limit"] == 4.0


@pytest.mark.parametrize(("total", "number"), [(0, 0), (4, None)])
def test_one_unknown_part_makes_the_least_unknown_unless_there_is_none(total, number):
    """Nothing can be granted where the machine has none, whatever the limit."""
    known = read_fact("swap-total", total, "GiB", "a test")
    least = least_fact("swap-granted", known, unseen_fact("swap-limit", "a test", "x"))

    assert least.value == number


# --- throttling ---

V1 = "sys/fs/cgroup/cpu"
V2 = "sys/fs/cgroup"
THROTTLED_HOW = "nr_throttled of nr_periods in cpu.stat, under a load of {} threads"
V1_MOUNT = "32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"


def group_v2(root, quota="50000 100000"):
    return put(
        root,
        {
            "proc/self/cgroup": "0::/pod/box\n",
            "proc/self/mountinfo": V2_MOUNT,
            f"{V2}/cgroup.controllers": "cpu memory\n",
            f"{V2}/pod/cpu.max": f"{quota}\n",
            f"{V2}/pod/cpu.stat": "usage_usec 5\nnr_periods 100\nnr_throttled 7\n",
            f"{V2}/pod/box/cpu.stat": "usage_usec 5\nnr_periods 0\nnr_throttled 0\n",
        },
    )


def test_throttling_counts_the_periods_of_the_load_alone(tmp_path):
    """What was stopped before is not laid at the door of this load."""
    root = group_v2(tmp_path)
    asked = []

    def load(threads):
        asked.append(threads)
        said = "usage_usec 9\nnr_periods 110\nnr_throttled 15\n"
        put(root, {f"{V2}/pod/cpu.stat": said})

    fact = throttling_fact(root, 3, load)

    assert asked == [3]
    assert line(fact) == (
        f"cpu-throttled | read | 80.0 | % of periods | {THROTTLED_HOW.format(3)}"
    )


def test_the_level_that_stops_most_is_told(tmp_path):
    """A group of its own may be stopped less than the one around it, or more."""
    root = group_v2(tmp_path)

    def load(_threads):
        put(
            root,
            {
                f"{V2}/pod/cpu.stat": "nr_periods 110\nnr_throttled 9\n",
                f"{V2}/pod/box/cpu.stat": "nr_periods 10\nnr_throttled 6\n",
            },
        )

    assert throttling_fact(root, 1, load).value == 60.0


def test_throttling_is_read_of_version_1_groups(tmp_path):
    """The same counters lie in a tree of their own there."""
    root = put(
        tmp_path,
        {
            "proc/self/cgroup": "1:cpu:/box\n",
            "proc/self/mountinfo": V1_MOUNT,
            f"{V1}/box/cpu.cfs_quota_us": "150000\n",
            f"{V1}/box/cpu.cfs_period_us": "100000\n",
            f"{V1}/box/cpu.stat": "nr_periods 5\nnr_throttled 5\nthrottled_time 1\n",
        },
    )

    def load(_threads):
        put(root, {f"{V1}/box/cpu.stat": "nr_periods 15\nnr_throttled 5\n"})

    fact = throttling_fact(root, 2, load)

    assert fact.value == 0.0


def test_without_a_quota_nothing_is_throttled(tmp_path):
    """Counters stand still then, and the fact says why it is 0."""
    root = group_v2(tmp_path, quota="max 100000")
    fact = throttling_fact(root, 1, lambda _: None)

    assert line(fact) == (
        f"cpu-throttled | read | 0.0 | % of periods | {THROTTLED_HOW.format(1)} | "
        "no limit is set, so none can be used up"
    )


def test_quota_without_counted_periods_is_not_visible(tmp_path):
    """A quota whose counters stand still proves nothing."""
    root = group_v2(tmp_path)
    fact = throttling_fact(root, 1, lambda _: None)

    assert line(fact) == (
        f"cpu-throttled | not visible | {THROTTLED_HOW.format(1)} | "
        "no period was counted while the load ran"
    )


def test_counters_that_cannot_be_read_are_not_visible(tmp_path):
    """What they were before is worth nothing then."""
    root = group_v2(tmp_path)

    def load(_threads):
        put(root, {f"{V2}/pod/cpu.stat": "nr_periods\n"})

    assert line(throttling_fact(root, 2, load)) == (
        f"cpu-throttled | not visible | {THROTTLED_HOW.format(2)} | "
        "cpu.stat could not be read"
    )


def test_hidden_quota_leaves_throttling_not_visible(tmp_path):
    """Where groups are not mounted nothing is said of them."""
    root = put(tmp_path, {"proc/self/cgroup": "0::/\n", "proc/self/mountinfo": ""})
    fact = throttling_fact(root, 1, lambda _: None)

    assert line(fact) == (
        f"cpu-throttled | not visible | {THROTTLED_HOW.format(1)} | "
        "no control group of this process is mounted, so a limit may be hidden"
    )
