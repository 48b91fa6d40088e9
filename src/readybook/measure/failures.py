"""Keep what ever failed: a failure goes when its subject passes, not when it is gone."""

import contextlib
import datetime as dt
from collections.abc import Iterator
from pathlib import Path

from readybook import __version__
from readybook.bank.own import load_bank_for
from readybook.case.open import open_assessment
from readybook.checks.failures import still_failing
from readybook.checks.findings import collect_findings
from readybook.edit.file import locked
from readybook.model.findings import Failures
from readybook.text.documents import refuse_outside, save_evidence

_LIST = "evidence/failures.json"


@contextlib.contextmanager
def failures_kept(folder: Path, today: dt.date) -> Iterator[None]:
    """Keep failures before evidence is written over, and those of the new evidence.

    Raises:
        NotSavedError: another run has been writing evidence for a while.
    """
    refuse_outside("evidence", folder)
    with locked(folder, "evidence"):
        keep_failures(folder, today)
        begins = not (folder / _LIST).exists()  # there was nothing to list
        yield
        keep_failures(folder, today, begins=begins)


def keep_failures(folder: Path, today: dt.date, *, begins: bool = False) -> None:
    """Write evidence/failures.json of an assessment, also where nothing ever failed.

    Without any evidence, and without a failure, there is nothing to list yet. Where
    there was evidence, and no list, the new one says so from then on.

    Args:
        folder: of the assessment, with its newest evidence.
        today: the day at which it is judged.
        begins: whether that is the first evidence, so that no list is missing.

    Raises:
        InvalidInputError: the folder is not what it must be.
        OSError: the file cannot be written.
    """
    bank = load_bank_for(folder)
    assessment = open_assessment(folder, bank=bank, as_of=today)
    listed = assessment.failures
    before = listed.findings if listed else ()
    found = still_failing(before, collect_findings(assessment, bank), assessment)
    is_gone = assessment.is_unlisted and not begins
    if found != before or assessment.is_unlisted:
        since = listed.unlisted_before if listed else None
        kept = Failures(
            format=1,
            kind="failures",
            readybook=__version__,
            unlisted_before=since or (today if is_gone else None),
            findings=found,
        )
        save_evidence(kept, folder / _LIST)
