"""Keep what ever failed: a failure goes when its subject passes, not when it is gone."""

import contextlib
import datetime as dt
from collections.abc import Iterator
from pathlib import Path

from readybook import __version__
from readybook.bank.own import load_bank_for
from readybook.case.open import open_assessment
from readybook.checks.catalogue import replaces
from readybook.checks.findings import by_subject, collect_findings
from readybook.model.findings import Failures
from readybook.text.documents import save_evidence


@contextlib.contextmanager
def failures_kept(folder: Path, today: dt.date) -> Iterator[None]:
    """Keep failures before evidence is written over, and those of the new evidence."""
    keep_failures(folder, today)
    yield
    keep_failures(folder, today)


def keep_failures(folder: Path, today: dt.date) -> None:
    """Write evidence/failures.json of an assessment, if anything failed or ever had.

    Args:
        folder: of the assessment, with its newest evidence.
        today: the day at which it is judged.

    Raises:
        InvalidInputError: the folder is not what it must be.
        OSError: the file cannot be written.
    """
    bank = load_bank_for(folder)
    assessment = open_assessment(folder, bank=bank, as_of=today)
    before = assessment.failures
    failed = {(f.check, f.subject): f for f in (before.findings if before else ())}
    for key, finding in by_subject(collect_findings(assessment, bank)).items():
        if finding.outcome == "contradicts":
            failed[key] = finding.model_copy(update={"series": ()})
        elif key in failed and replaces(finding, failed[key]):
            del failed[key]
    found = tuple(failed[key] for key in sorted(failed))
    if found != (before.findings if before else ()):
        kept = Failures(
            format=1, kind="failures", readybook=__version__, findings=found
        )
        save_evidence(kept, folder / "evidence" / "failures.json")
