"""What a probe says of disks, and that it leaves nothing on them."""

import os
from pathlib import Path

import pytest

from readybook.measure.machine.disk import FACTS, disk_facts


def by_name(folder, **more):
    return {fact.fact: fact for fact in disk_facts(folder, **more)}


def test_disk_is_measured_and_left_as_it_was(tmp_path):
    """Room, inodes and a rate, and no file remains."""
    found = by_name(tmp_path)

    assert tuple(found) == FACTS
    assert found["disk-free"].value > 0
    assert (found["disk-write"].unit, found["disk-write"].state) == ("MiB/s", "read")
    assert found["disk-write"].value > 0
    assert list(tmp_path.iterdir()) == []


def test_stopping_while_it_writes_leaves_no_file(tmp_path, monkeypatch):
    """Ctrl-C in the middle of the rate removes the file too."""

    def stop(_handle):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", stop)
    with pytest.raises(KeyboardInterrupt):
        disk_facts(tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_folder_that_is_not_there_is_not_visible(tmp_path):
    """It has no room and no rate, and says that it is not there."""
    found = by_name(tmp_path / "gone", shm=tmp_path / "gone")
    named = ("disk-free", "inodes-free", "disk-write", "shm-free")

    assert {found[name].state for name in named} == {"not visible"}
    assert found["shm-free"].why == "there is none on this machine"


def test_windows_does_not_count_inodes():
    """What a system does not have is not visible, with its name."""
    fact = by_name(Path.cwd(), system="Windows")["inodes-free"]

    assert (fact.state, fact.why) == ("not visible", "Windows does not count them")
