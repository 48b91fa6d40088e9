"""What leadership should doubt: claims that are contradicted, and what nobody knows."""

from collections.abc import Sequence

from markupsafe import Markup

from readybook.checks.catalogue import CHECKS
from readybook.model.results import ProofState, Standing
from readybook.model.words import as_list, capital, count, level_range
from readybook.score.sentences import plain_finding
from readybook.show.decided import named_in, replies_to
from readybook.show.decisions import gates
from readybook.show.front.stops import is_settled
from readybook.show.kit import theme
from readybook.show.kit.case import Case
from readybook.show.kit.fragment import Fragment, draw, lines, small, table, titled_link

_TITLES = 3  #: checks that are named before the rest is counted
_UNKNOWNS = 5
_PROOF_WORDS: dict[ProofState, str] = {
    "nothing": "Nothing yet",
    "said": "Only said, nothing shown",
    "on file": "Document on file",
    "double-checked": "Document, seen by another role",
    "measured": "Measured",
    "out of date": "Document out of date",
    "contradicted": "Who opened the document last confirms less",
}


def _measured(standing: Standing, case: Case) -> Markup:
    """Return what was found: failed checks first, else how far the proof reaches."""
    told = [
        f"{plain_finding(finding, case.assessment.data_model)}."
        for check in standing.checks
        if check.outcome == "failed"
        for finding in check.findings
        if finding.outcome == "contradicts"
    ]
    if told:
        more = small(f"and {len(told) - 1} more" if told[1:] else "")
        return Markup("{} {}").format(told[0], more)
    if standing.checks and all(c.outcome == "not measured" for c in standing.checks):
        return theme.mark(theme.OUTCOMES["not measured"])
    look = theme.PROOFS[standing.proof]
    return theme.mark(look, _PROOF_WORDS[standing.proof])


def contradictions(case: Case) -> Fragment:
    """Return claims that a measurement contradicts, with both values.

    Gates that fail or are undecided are told above it, among what stops the case.
    """
    stopping = gates(case.result, "failed", "undecided")
    contradicted = [s for s in case.result.standings if s.contradicted and s.claim]
    others = [s for s in contradicted if s not in stopping]
    rows = [
        [
            titled_link(s.question),
            capital(level_range(s.claim)),
            lines(
                _measured(s, case), small(replies_to(case, *named_in(s), in_short=True))
            ),
            capital(level_range(s.bounds)),
        ]
        for s in others
    ]
    columns = "Question:head | Said | Measured:wide | So it stands"
    empty = "No measurement contradicts what people said."
    if len(contradicted) > len(others):
        empty = "None besides the gates above."
    more = "more answer" if len(contradicted) > len(others) else "answer"
    title = f"{count(len(rows), more)} {'is' if len(rows) == 1 else 'are'} "
    seen = [any(c.outcome == "failed" for c in s.checks) for s in others]
    title += "contradicted by what was measured"
    title += "" if all(seen) else " or opened"
    rest = _unclaimed(case, [*stopping, *others])
    if rows:
        return table(title, columns, rows, note=rest, around="titled")
    told = Markup(" ").join(filter(None, (empty, rest)))
    return Fragment(Markup('<p class="empty">{}</p>').format(told), told.striptags())


def _unclaimed(case: Case, told: Sequence[Standing]) -> Markup:
    """Return what else was measured to be otherwise, "" where nothing was.

    Questions of which nobody claims as much as failed, and findings that no question
    weighs which this track asks: no claim is contradicted there, and all is not clear.
    """
    asked = [s for s in case.result.standings if s.applies]
    weighed = {check.check for s in asked for check in s.checks}
    failing = [
        titled_link(s.question)
        for s in asked
        if s not in told and any(check.outcome == "failed" for check in s.checks)
    ]
    loose = [
        f.check
        for f in case.evidence
        if f.outcome == "contradicts" and f.check not in weighed
    ]
    parts = list[str]()
    if failing:
        told_by = Markup("Checks of {} failed, of which nobody claims as much: {}.")
        number = count(len(failing), "more question")
        parts.append(told_by.format(number, Markup("; ").join(failing)))
    if loose:
        titles = [CHECKS[name].title for name in dict.fromkeys(loose) if name in CHECKS]
        number, one = count(len(loose), "finding"), len(loose) == 1
        verb, them = ("contradicts", "it") if one else ("contradict", "them")
        parts.append(
            f"{number} {verb} what is declared, and no question asked weighs {them} "
            f"({as_list(titles, _TITLES)})."
        )
    return Markup(" ").join(parts)


def unknowns(case: Case) -> Fragment:
    """Return the first five facts that would settle the verdict, and who has them.

    Where nothing that is open could change the verdict, it says so and counts the gates
    that are undecided all the same.
    """
    result = case.result
    facts = result.settle[:_UNKNOWNS]
    undecided, nothing_open = len(gates(result, "undecided")), ""
    if not facts:
        nothing_open = _nothing_settles(case)
        if undecided:
            them = "it is" if undecided == 1 else "they are"
            nothing_open += (
                f" Before it is ready, {count(undecided, 'undecided gate')} must "
            )
            nothing_open += f"be known too: {them} told above."
    html = draw(
        "unknowns.html.j2",
        facts=facts,
        more=len(result.settle) - len(facts),
        nothing=nothing_open,
        known={s.question.id for s in result.standings},
    )
    if not facts:
        return Fragment(html, _nothing_settles(case))
    told = f"{count(len(result.settle), 'fact')}, first: {facts[0].title}, "
    return Fragment(html, f"{told}{facts[0].missing} of {facts[0].role}")


def _nothing_settles(case: Case) -> str:
    """Return why no open fact is listed."""
    if is_settled(case):
        return (
            "No answer changes the verdict today: what fails was found, and must end."
        )
    verdict = case.result.verdict
    if verdict.lower == verdict.upper:
        return "No open fact could change the verdict."
    return "No set of facts was found that changes the verdict."
