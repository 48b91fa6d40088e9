"""How the report came about: method, rules, fingerprints, dates, how to repeat it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from readybook.model.bank import Bank, ExtendedBank
from readybook.model.bank_changes import BankChanges
from readybook.model.case import Assessment
from readybook.model.results import Result
from readybook.model.words import day, sentence
from readybook.show.kit.fragment import Fragment, draw_html

__all__ = ["METHOD", "RULES", "method_and_provenance"]

METHOD = (
    "We ask the people responsible, check their answers against documents, the real "
    "data and the real machines, and call the case ready only as far as that proof "
    "reaches."
)
RULES = (
    (
        "Each question has one role whose answer counts. Other answers are kept and shown, "
        "never scored."
    ),
    (
        "What is only said carries a case no further than “improvised”; a dated document "
        "carries it to “in place”; a passed check as far as that check can see."
    ),
    (
        "A failed check limits the level, whatever was said. The answer stays as it was "
        "given; said, measured and standing are shown side by side."
    ),
    (
        "A level that is not known is a range from worst to best. “Unknown” and no answer "
        "are ranges too: neither a pass nor a fail."
    ),
    (
        "A dimension stands at a level when every key question and at least three quarters "
        "of its major ones stand there. Levels are compared and counted, never averaged."
    ),
    (
        "A gate passes if its worst case reaches its minimum, fails if its best case does "
        "not, and is undecided otherwise."
    ),
    "The verdict printed is the one for the worst case.",
    (
        "Proof has a shelf life. Out of date, it counts as said; a failure counts until it "
        "is measured again."
    ),
)
_SHORT = 12


def method_and_provenance(
    result: Result,
    assessment: Assessment,
    bank: Bank,
    version: str,
    changes: Sequence[BankChanges] = (),
) -> Fragment:
    """Return the method in brief and everything needed to repeat the report.

    Args:
        result: what the method concludes.
        assessment: for its fingerprint and the dates of its evidence.
        bank: the question bank, with version and fingerprint.
        version: version of the package that makes the report.
        changes: what differs from the banks that answers were given under.
    """
    html = draw_html(
        "method.html.j2",
        method=METHOD,
        rules=RULES,
        result=result,
        assessment=assessment,
        bank=bank,
        version=version,
        own=bank if isinstance(bank, ExtendedBank) else None,
        changes=dict.fromkeys(sentence(str(change)) for change in changes),
        measured=_measured(assessment),
        bank_print=_short(bank.fingerprint),
        inputs_print=_short(assessment.fingerprint),
    )
    text = (
        f"{METHOD}\nBank {bank.id} {bank.version}, as of {day(result.as_of)}, "
        f"readybook {version}."
    )
    return Fragment(html, "\n".join([text, *(sentence(str(c)) for c in changes)]))


def _measured(assessment: Assessment) -> list[tuple[str, dt.date, str]]:
    """Return name, date and version of readybook of each evidence file."""
    data = assessment.data
    return [
        *([("data", data.measured_on, data.readybook)] if data else []),
        *(
            (name, probe.measured_on, probe.readybook)
            for name, probe in sorted(assessment.probes.items())
        ),
    ]


def _short(fingerprint: str) -> str:
    kind, _, digits = fingerprint.rpartition(":")
    return f"{kind}:{digits[:_SHORT]}" if kind else digits[:_SHORT]
