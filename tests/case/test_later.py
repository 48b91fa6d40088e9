"""What is dated after the as-of date is refused, or ignored and counted."""

import datetime as dt
import shutil
from collections.abc import Iterator
from typing import get_args

import pytest

from readybook.bank.own import load_bank_for
from readybook.case.later import PAST
from readybook.case.open import open_all, open_assessment
from readybook.model.case import Assessment
from readybook.model.errors import InvalidInputError

EARLY = dt.date(2026, 11, 1)
#: Dates that look ahead, of the assessment itself, or of what a log or table tells.
OTHERS = {"as_of", "target_date", "due", "expires", "first", "last", "until",
          "unlisted_before"}  # fmt: skip


@pytest.fixture
def folder(root, tmp_path):
    """The example without its data, on a day before much of it was said."""
    copy = tmp_path / "flight-delays"
    example = root / "templates" / "flight-delays"
    shutil.copytree(example, copy, ignore=shutil.ignore_patterns("data", "milestones"))
    scope = copy / "assessment.yaml"
    text = scope.read_text(encoding="utf-8")
    scope.write_text(text.replace("as_of: 2026-11-30", f"as_of: {EARLY}"), "utf-8")
    return copy


def dated(part, seen) -> Iterator[str]:
    """The keys of dates in a model and in all that it holds."""
    if str(part) in seen:
        return
    seen.add(str(part))
    for inner in get_args(part):
        yield from dated(inner, seen)
    for name, field in getattr(part, "model_fields", {}).items():
        if dt.date in {field.annotation, *get_args(field.annotation)}:
            yield name
        yield from dated(field.annotation, seen)


def test_every_date_of_a_document_is_of_the_past_or_looks_ahead():
    """A new dated key has to say which, so that none improves a verdict by waiting."""
    found = set(dated(Assessment, set()))

    assert {"granted_on", "measured_on", "on"} < found
    assert found - PAST - OTHERS == set()
    assert PAST - found == set()


def test_later_dates_are_refused_with_file_and_line(folder):
    """All at once; an evidence file is one of them, however much it holds."""
    with pytest.raises(InvalidInputError) as refused:
        open_all([folder])
    told = refused.value.problems

    assert {(p.file.rpartition("/")[2], p.key) for p in told} >= {
        ("operations.yaml", "answers.AVL-06.date"),
        ("resources.yaml", "resources[2].granted_on"),
        ("stakeholders.yaml", "roles[6].buy_in.on"),
    }
    assert all(p.line > 0 for p in told if p.file.endswith(".yaml"))
    assert [p.key for p in told if p.file.endswith("data.json")] == ["measured_on"]


def test_another_date_that_is_asked_for_ignores_and_counts_them(folder):
    """As many as were refused; on the day of the newest, none."""
    bank = load_bank_for(folder)
    with pytest.raises(InvalidInputError) as refused:
        open_all([folder])

    assert open_all([folder], as_of=EARLY)[0].assessment.later == len(
        refused.value.problems
    )
    assert open_assessment(folder, bank=bank, as_of=dt.date(2026, 11, 30)).later == 0
