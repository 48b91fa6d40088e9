"""A sign-off is an entry and a file beside it; where one fails, neither is there."""

import datetime as dt
import shutil
from pathlib import Path

import pytest

from readybook.bank.own import load_bank_for
from readybook.case.open import open_assessment
from readybook.edit.signoffs import sign_off
from readybook.model.errors import InvalidInputError

DAY = dt.date(2026, 11, 30)


@pytest.fixture
def folder(root, tmp_path):
    """The worked example, without data and evidence and without any agreement."""
    source = root / "templates" / "flight-delays"
    skipped = shutil.ignore_patterns("data", "evidence", "agreements")
    return Path(shutil.copytree(source, tmp_path / "flights", ignore=skipped))


def signed(folder, role="data-owner", on=DAY):
    bank = load_bank_for(folder)
    case = open_assessment(folder, bank=bank)
    return lambda: sign_off(folder, case, bank, role=role, covers="model", on=on)


def break_register(folder):
    path = folder / "stakeholders.yaml"
    path.write_text(path.read_text("utf-8") + "nonsense: [", encoding="utf-8")


def test_entry_that_fails_leaves_an_older_agreement_to_the_same_thing(folder):
    """What another role agreed to is not taken back with what failed."""
    kept = folder / signed(folder)()
    before, again = kept.read_bytes(), signed(folder, "legal")
    break_register(folder)
    with pytest.raises(InvalidInputError):
        again()

    assert kept.read_bytes() == before


def test_entry_that_fails_leaves_nothing_of_its_own(folder):
    """No file that nobody agreed to, and no empty folder."""
    sign = signed(folder)
    break_register(folder)
    with pytest.raises(InvalidInputError):
        sign()

    assert not (folder / "agreements").exists()


def test_sign_off_after_the_as_of_date_is_refused(folder):
    """It would be written, and then every verb would refuse the folder."""
    before = (folder / "stakeholders.yaml").read_bytes()
    with pytest.raises(InvalidInputError) as refused:
        signed(folder, on=DAY + dt.timedelta(days=1))()
    assert str(refused.value) == (
        "stakeholders.yaml: found 2026-12-01, after the as-of date 2026-11-30, "
        "expected a day up to the as-of date, do: move as_of in assessment.yaml, or"
        " name the day with --on"
    )

    assert (folder / "stakeholders.yaml").read_bytes() == before
    assert not (folder / "agreements").exists()
