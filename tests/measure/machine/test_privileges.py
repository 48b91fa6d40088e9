"""What a process may do and how much of it, on file trees and on this machine."""

import os
import platform
from pathlib import Path

import pytest

from readybook.measure.machine.limits_of_machine import limit_facts
from readybook.measure.machine.packages import installed_packages
from readybook.measure.machine.privileges import privilege_facts

LIMITS = (
    "Limit                     Soft Limit           Hard Limit           Units     \n"
    "Max processes             {processes:<20} unlimited            processes \n"
    "Max open files            {files:<20} 524288               files     \n"
)


def put(root, files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return root


def status(uid=1000, capabilities=0, no_new=0):
    return (
        f"Name:\tpython\nUid:\t{uid}\t{uid}\t{uid}\t{uid}\n"
        f"CapEff:\t{capabilities:016x}\nNoNewPrivs:\t{no_new}\n"
    )


def privileges(root, folder, **more):
    facts = privilege_facts(root, folder, **more)
    return {fact.fact: fact for fact in facts}


def test_user_without_rights_has_none(tmp_path):
    """No root, no capability that matters."""
    root = put(tmp_path, {"proc/self/status": status()})
    found = privileges(root, tmp_path)

    assert (found["root"].value, found["capabilities"].value) == ("no", "none")
    assert found["no-new-privileges"].value == "no"


def test_capabilities_that_matter_are_named(tmp_path):
    """Bit 21 is what administers a system; bit 5 is of no use to a job."""
    root = put(tmp_path, {"proc/self/status": status(capabilities=1 << 21 | 1 << 5)})

    assert privileges(root, tmp_path)["capabilities"].value == "sys_admin"


def test_root_of_a_namespace_is_told_from_the_machines(tmp_path):
    """In a container without rights root is somebody else outside."""
    files = {"proc/self/status": status(uid=0)}
    whole = put(tmp_path / "whole", files | {"proc/self/uid_map": "0 0 4294967295\n"})
    part = put(tmp_path / "part", files | {"proc/self/uid_map": "0 100000 65536\n"})

    assert privileges(whole, tmp_path)["root"].why is None
    assert privileges(part, tmp_path)["root"].value == "yes"
    assert "not on the machine" in privileges(part, tmp_path)["root"].why


def test_no_new_privileges_say_what_they_mean(tmp_path):
    """Even sudo gains nothing then."""
    root = put(tmp_path, {"proc/self/status": status(no_new=1)})
    fact = privileges(root, tmp_path)["no-new-privileges"]

    assert (fact.value, fact.why) == (
        "yes",
        "no program can gain rights here, sudo neither",
    )


@pytest.mark.parametrize("system", ["Darwin", "Windows"])
def test_privileges_and_limits_elsewhere_say_why_not(tmp_path, system):
    """A tree without the kernel's files knows nothing, with a reason each."""
    facts = [
        *privilege_facts(tmp_path, tmp_path, system),
        *limit_facts(tmp_path, system),
    ]

    assert {fact.state for fact in facts} == {"not visible"}
    assert all(fact.why for fact in facts)


def test_this_process_is_told_what_it_may():
    """Each question has an answer here, and asking changes nothing."""
    folder = Path(__file__).parents[2]
    before = sorted(folder.iterdir())
    found = privileges(Path("/"), folder)

    assert found["package-install"].value in {"yes", "no"}
    assert found["sudo"].state in {"read", "not visible"}
    assert found["container-build"].state in {"read", "not visible"}
    assert sorted(folder.iterdir()) == before


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="no user ids here")
def test_root_is_the_effective_user():
    """What the kernel says is what Python says."""
    expected = "yes" if os.geteuid() == 0 else "no"

    assert privileges(Path("/"), Path.cwd())["root"].value == expected


def test_writable_places_are_named_by_what_they_are_for(tmp_path):
    """No path of this machine is told, nor one that is not there."""
    fact = privileges(Path("/"), tmp_path)["writable"]

    assert "working folder" in fact.value
    assert str(tmp_path) not in fact.value


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
    return {fact.fact: fact.value for fact in limit_facts(root)}


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
    found = {fact.fact: fact for fact in limit_facts(root)}

    assert found["open-files"].value == "none"
    assert found["processes"].state == "not visible"  # a group may limit them


def test_packages_are_named_as_an_import_would_find_them(tmp_path):
    """Names are normalized, the first folder wins, what is broken is left out."""
    for folder, name, version in (
        ("first", "Some_Package", "1.0"),
        ("second", "some.package", "2.0"),
        ("second", "other", "3.0"),
    ):
        info = tmp_path / folder / f"{name}-{version}.dist-info"
        info.mkdir(parents=True)
        text = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        (info / "METADATA").write_text(text, "utf-8")
    (tmp_path / "first" / "cut-1.0.dist-info").mkdir()
    folders = [str(tmp_path / "first"), str(tmp_path / "second")]

    assert installed_packages(folders) == {"other": "3.0", "some-package": "1.0"}


def test_packages_of_this_python_are_listed():
    """Among them those that this test runs on."""
    found = installed_packages()

    assert {"pytest", "psutil"} <= set(found)
    assert list(found) == sorted(found)
    assert platform.python_version() not in found
