"""The list of what failed is kept with the evidence, also while it is empty."""

import datetime as dt

import pytest

from ready_case import AS_OF, probe, resources, write
from readybook.bank.own import load_bank_for
from readybook.case.open import open_assessment
from readybook.measure.failures import failures_kept, keep_failures
from readybook.text.documents import save_evidence

LIST = "evidence/failures.json"


@pytest.fixture
def folder(tmp_path):
    """A case with one machine and no evidence."""
    scope = {"format": 1, "title": "T", "team": "T", "phase": "pilot", "as_of": AS_OF}
    write(tmp_path, "assessment.yaml", scope)
    write(tmp_path, "resources.yaml", resources())
    return tmp_path


def opened(folder):
    """The assessment of a folder."""
    return open_assessment(folder, bank=load_bank_for(folder))


@pytest.mark.parametrize("memory", [4, 16])
def test_list_of_failures_is_written_with_the_first_evidence(folder, memory):
    """Also where nothing failed: else its absence would mean nothing."""
    keep_failures(folder, AS_OF)
    assert not (folder / LIST).exists()
    with failures_kept(folder, AS_OF):
        save_evidence(probe(memory=memory), folder / "evidence" / "node.json")

    failed = {(f.check, f.subject) for f in opened(folder).failures.findings}
    assert (("memory-enough", "node") in failed) == (memory == 4)
    assert not opened(folder).unlisted


def test_evidence_without_a_list_of_failures_is_known_as_such(folder):
    """Whoever takes the list away is told so, also when evidence is written again."""
    assert not opened(folder).unlisted
    save_evidence(probe(), folder / "evidence" / "node.json")
    without = opened(folder).unlisted
    assert without
    for day in (AS_OF, AS_OF + dt.timedelta(days=1)):
        with failures_kept(folder, day):
            save_evidence(probe(memory=4), folder / "evidence" / "node.json")
        begun = opened(folder).failures.unlisted_before
        assert begun == AS_OF
        assert opened(folder).unlisted not in {"", without}


def test_what_the_register_says_clears_its_failure_whatever_its_day(folder):
    """It is looked at each time; an owner may have confirmed before it was kept."""
    asset = {"id": "node", "what": "N", "kind": "table", "accountable": ["sponsor"]}
    write(folder, "stakeholders.yaml", {"format": 1, "assets": [asset]})
    keep_failures(folder, AS_OF)
    failed = ("owners-confirmed", "node")
    assert failed in {(f.check, f.subject) for f in opened(folder).failures.findings}

    asset["confirmed_on"] = AS_OF - dt.timedelta(days=3)
    write(folder, "stakeholders.yaml", {"format": 1, "assets": [asset]})
    keep_failures(folder, AS_OF)
    assert failed not in {
        (f.check, f.subject) for f in opened(folder).failures.findings
    }
