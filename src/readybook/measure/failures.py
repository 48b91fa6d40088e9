"""Keep what ever failed: a failure goes when its subject passes, not when it is gone."""

import contextlib
import datetime as dt
from collections.abc import Iterator
from pathlib import Path

from readybook import __version__
from readybook.bank.own import load_bank_for
from readybook.case.open import open_assessment
from readybook.checks.findings import collect_findings, still_failing
from readybook.edit.file import locked
from readybook.model.findings import Failures
from readybook.text.documents import refuse_outside, save_evidence


@contextlib.contextmanager
def failures_kept(folder: Path, today: dt.date) -> Iterator[None]:
    """Keep failures before evidence is written over, and those of the new evidence.

    Raises:
        NotSavedError: another run has been writing evidence for a while.
    """
    refuse_outside("evidence", folder)
    with locked(folder, "evidence"):
        keep_failures(folder, today)
        yield
        keep_failures(folder, today)


def keep_failures(folder: Path, today: dt.date) -> None:
    """Write evidence/failures.json of an assessment, also where nothing ever failed.

    Without any evidence, and without a failure, there is nothing to list yet.

    Args:
        folder: of the assessment, with its newest evidence.
        today: the day at which it is judged.

    Raises:
        InvalidInputError: the folder is not what it must be.
        OSError: the file cannot be written.
    """
    bank = load_bank_for(folder)
    assessment = open_assessment(folder, bank=bank, as_of=today)
    before = assessment.failures.findings if assessment.failures else ()
    found = still_failing(before, collect_findings(assessment, bank))
    if found != before or assessment.unlisted:
        kept = Failures(
            format=1, kind="failures", readybook=__version__, findings=found
        )
        save_evidence(kept, folder / "evidence" / "failures.json")
