"""What a probe says of CPUs, on file trees that stand for kinds of machines."""

import pytest

from readybook.measure.machine.cpu import cpu_facts, throttling_facts

V1 = "sys/fs/cgroup/cpu"
V2 = "sys/fs/cgroup"
V1_MOUNT = "32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"
V2_MOUNT = "30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"


def put(root, files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return root


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


def by_name(facts):
    return {fact.fact: fact for fact in facts}


def test_throttling_counts_the_periods_of_the_load_alone(tmp_path):
    """What was stopped before is not laid at the door of this load."""
    root = group_v2(tmp_path)
    asked = []

    def load(threads):
        asked.append(threads)
        said = "usage_usec 9\nnr_periods 110\nnr_throttled 15\n"
        put(root, {f"{V2}/pod/cpu.stat": said})

    fact = by_name(throttling_facts(root, 3, load))["cpu-throttled"]

    assert asked == [3]
    assert (fact.value, fact.unit) == (80.0, "% of periods")


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

    fact = by_name(throttling_facts(root, 2, load))["cpu-throttled"]

    assert fact.value == 0.0


def test_without_a_quota_nothing_is_throttled(tmp_path):
    """Counters stand still then, and the fact says why it is 0."""
    root = group_v2(tmp_path, quota="max 100000")
    fact = by_name(throttling_facts(root, 1, lambda _: None))["cpu-throttled"]

    assert (fact.state, fact.value) == ("read", 0.0)
    assert fact.why == "no limit is set, so none can be used up"


def test_quota_without_counted_periods_is_not_visible(tmp_path):
    """A quota whose counters stand still proves nothing."""
    root = group_v2(tmp_path)
    fact = by_name(throttling_facts(root, 1, lambda _: None))["cpu-throttled"]

    assert fact.state == "not visible"
    assert fact.why == "no period was counted while the load ran"


def test_hidden_quota_leaves_throttling_not_visible(tmp_path):
    """Where groups are not mounted nothing is said of them."""
    root = put(tmp_path, {"proc/self/cgroup": "0::/\n", "proc/self/mountinfo": ""})
    fact = by_name(throttling_facts(root, 1, lambda _: None))["cpu-throttled"]

    assert fact.state == "not visible"
    assert "may be hidden" in fact.why


def test_slowing_down_for_heat_is_counted_where_the_kernel_tells(tmp_path):
    """The difference over all CPUs, before and after the load."""
    file = "sys/devices/system/cpu/cpu{}/thermal_throttle/core_throttle_count"
    root = put(tmp_path, {file.format(0): "4\n", file.format(1): "1\n"})

    def load(_threads):
        put(root, {file.format(1): "3\n"})

    fact = by_name(throttling_facts(root, 1, load))["cpu-slowed-by-heat"]

    assert (fact.value, fact.unit) == (2, "times")


def test_governor_clock_and_features_are_read(tmp_path):
    """Governors that differ between CPUs are all named, the clock is the highest."""
    cpufreq = "sys/devices/system/cpu/cpu{}/cpufreq/scaling_{}"
    root = put(
        tmp_path,
        {
            cpufreq.format(0, "governor"): "powersave\n",
            cpufreq.format(1, "governor"): "performance\n",
            cpufreq.format(0, "cur_freq"): "800000\n",
            cpufreq.format(1, "cur_freq"): "3200000\n",
            "proc/cpuinfo": "flags\t\t: fpu avx avx2 fma amx_tile\n",
        },
    )
    found = {fact.fact: fact.value for fact in cpu_facts(root)}

    assert found == {
        "cpu-governor": "performance powersave",
        "cpu-frequency": 3.2,
        "cpu-features": "avx avx2 fma amx",
    }


def test_features_of_arm_have_their_own_key(tmp_path):
    """What ARM calls asimd is known as NEON."""
    root = put(tmp_path, {"proc/cpuinfo": "Features\t: fp asimd sve\n"})

    assert by_name(cpu_facts(root))["cpu-features"].value == "neon sve"


def test_clock_of_zero_is_no_clock(tmp_path):
    """Virtual machines say 0: that is not visible, not a CPU that stands still."""
    root = put(tmp_path, {"proc/cpuinfo": "cpu MHz\t\t: 0.000\nflags\t: avx\n"})

    assert by_name(cpu_facts(root))["cpu-frequency"].state == "not visible"


@pytest.mark.parametrize("system", ["Darwin", "Windows"])
def test_system_without_the_files_says_so(tmp_path, system):
    """No fact is made up, and each says what is missing."""
    facts = [*cpu_facts(tmp_path, system), *throttling_facts(tmp_path, 1)]

    assert {fact.state for fact in facts} == {"not visible"}
    assert all(fact.why and fact.value is None for fact in facts)
