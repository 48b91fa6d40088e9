"""How the report came about: method, rules, fingerprints, dates, how to repeat it."""

from __future__ import annotations

import datetime as dt

from readybook import __version__
from readybook.model.bank import ExtendedBank
from readybook.model.case import Assessment
from readybook.model.words import day, sentence
from readybook.show.kit.case import Case
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


def method_and_provenance(case: Case) -> Fragment:
    """Return the method in brief and everything needed to repeat the report."""
    result, assessment, bank = case.result, case.assessment, case.bank
    changes = dict.fromkeys(sentence(str(change)) for change in case.changes_of_bank)
    html = draw_html(
        "method.html.j2",
        method=METHOD,
        rules=RULES,
        result=result,
        assessment=assessment,
        bank=bank,
        version=__version__,
        own=bank if isinstance(bank, ExtendedBank) else None,
        changes=changes,
        measured=_measured(assessment),
        bank_print=_short(bank.fingerprint),
        inputs_print=_short(assessment.fingerprint),
    )
    text = (
        f"{METHOD}\nBank {bank.id} {bank.version}, as of {day(result.as_of)}, "
        f"readybook {__version__}."
    )
    return Fragment(html, "\n".join([text, *changes]))


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
