"""Probing a machine: every fact is told, and nothing that would name somebody."""

import datetime as dt
import getpass
import os
import platform
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from readybook.measure.machine.probe import STEPS, installed_packages, probe
from readybook.model.findings import MachineEvidence
from readybook.text.documents import evidence_text, save_evidence

pytestmark = pytest.mark.slow

TODAY = dt.date(2026, 11, 23)
GIB = 2**30


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


def test_every_fact_is_told_and_steps_as_they_begin():
    """No fact is left out where it cannot be read: it says why."""
    told = []
    evidence = probe(today=TODAY, tick=told.append)

    assert tuple(told) == STEPS
    assert [fact.fact for fact in evidence.facts] == FACTS
    assert all(fact.how for fact in evidence.facts)
    assert all((fact.state == "read") == (fact.value is not None)
               for fact in evidence.facts)  # fmt: skip
    assert all(fact.why for fact in evidence.facts if fact.state != "read")


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
        "import sys, readybook.measure.machine.probe; "
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

    read = MachineEvidence.model_validate_json(path.read_text("utf-8"))
    assert evidence == read.model_copy(update={"seal": None})
    assert path.read_bytes().endswith(b"}\n")
    assert [path] == list(path.parent.iterdir())


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
