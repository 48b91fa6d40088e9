"""What was decided, what is accepted for a time, and what is disputed, in words."""

import datetime as dt
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from markupsafe import Markup

from readybook.model.bank import QuestionId
from readybook.model.case import Decision, GateException
from readybook.model.results import Standing
from readybook.model.words import count, day, days, question_named, sentence
from readybook.show.kit import theme
from readybook.show.kit.case import Case
from readybook.show.kit.fragment import Fragment, lines, small, table

SOON = dt.timedelta(days=30)  #: before its end an exception is chased
_SHORT = 160  #: letters of a text of people's own in the part for leadership
_STATES = ("overdue", "asked", "decided", "done")
_COUNTED = {"asked": "not decided yet", "decided": "decided and not done"}
_LOOKS = {"overdue": theme.BAD, "asked": theme.UNDECIDED, "decided": theme.GOOD,
          "done": theme.GOOD}  # fmt: skip


def short(text: str) -> str:
    """Return the beginning of a text, where all of it stands elsewhere."""
    return textwrap.shorten(text, _SHORT, placeholder=" …")


# --- decisions -----------------------------------------------------------------------


def put_decisions(case: Case) -> tuple[Decision, ...]:
    """Return what was put to somebody by the as-of date, what is owed first."""
    as_of = case.assessment.as_of
    known = [d for d in case.assessment.decisions.decisions if d.asked_on <= as_of]
    return tuple(sorted(known, key=lambda one: _STATES.index(one.state_on(as_of))))


def decision_on(step: str, case: Case) -> Decision | None:
    """Return the last decision about a step of the plan, or about a role."""
    about = [one for one in put_decisions(case) if step in about_now(one, case)]
    return max(about, key=lambda one: one.asked_on, default=None)


def about_now(one: Decision, case: Case) -> frozenset[str]:
    """Return what a decision is about, and of a gap the actions that it became."""
    about = one.about
    return (
        frozenset((about, *case.outlook.plan.became.get(about, ())))
        if about
        else frozenset()
    )


def how_decided(one: Decision, case: Case, *, in_short: bool = True) -> str:
    """Return when it was asked, what was decided, and whether that is done."""
    as_of = case.assessment.as_of
    state, due = one.state_on(as_of), day(one.due)
    told = f"asked on {day(one.asked_on)}"
    if one.is_decided_on(as_of):
        said = f"{one.decided}".rstrip(".")
        told = (
            f"decided on {day(one.decided_on)}: “{short(said) if in_short else said}”"
        )
    elif state == "asked":
        told += f", to be decided by {due}" if one.due else ", not decided"
    if state == "overdue":
        told += f", overdue since {due}"
    elif state == "decided" and one.due:
        told += f", to be done by {due}"
    return told + (f", done on {day(one.done_on)}" if state == "done" else "")


# --- exceptions ----------------------------------------------------------------------


def acceptance(standing: Standing, case: Case) -> str:
    """Return by whom and until when a failing gate is accepted, "" where it is not."""
    one = case.assessment.decisions.exception(
        standing.question.id, case.assessment.as_of
    )
    failed = standing.gate_state == "failed"
    return _how_accepted(one, case) if one and failed else ""


def _how_accepted(one: GateException, case: Case) -> str:
    by, until = case.title(one.approved_by), day(one.until)
    if one.until < case.assessment.as_of:
        return f"exception expired on {until}, {by} to renew or close it"
    people = case.assessment.stakeholders.people
    approve, asked = people(one.approved_by), people(one.asked_by)
    own = one.approved_by == one.asked_by or (approve and approve <= (asked or set()))
    return f"accepted by {by} until {until}" + (
        ", who also asked for it" if own else ""
    )


def exceptions_of(gate: QuestionId, case: Case) -> Markup:
    """Return every exception of a gate, with its reason and who asked for it."""
    as_of, told = case.assessment.as_of, list[str]()
    for one in case.assessment.decisions.exceptions:
        if one.gate == gate and one.on <= as_of:
            is_closed = one.closed_on and one.closed_on <= as_of
            how = f"; closed on {day(one.closed_on)}" if is_closed else ""
            until = f"{day(one.on)} to {day(one.until)}{how}"
            by, asked = case.title(one.approved_by), case.title(one.asked_by)
            told.append(f"{by}, {until}, for {asked}: {sentence(one.because)}")
    return lines(*told)


# --- replies -------------------------------------------------------------------------


def replies_to(case: Case, *names: str, in_short: bool = False) -> Markup:
    """Return what roles replied to a question, or to a check and its subject."""
    as_of = case.assessment.as_of
    said = (
        (one, short(one.text) if in_short else one.text)
        for one in case.assessment.decisions.replies
        if one.on <= as_of and " ".join(one.to.split()) in names
    )
    told = Markup("{} replied on {}: <q>{}</q>").format
    return lines(*(told(case.title(r.role), day(r.on), text) for r, text in said))


def named_in(standing: Standing) -> list[str]:
    """Return what a reply may name to mean a question, or what its checks found."""
    checks = [(c.check, f.subject) for c in standing.checks for f in c.findings]
    return [standing.question.id, *(f"{check} {subject}" for check, subject in checks)]


#: Charts, and tables of the register: the checks whose findings each shows.
_SHOWN: Mapping[str, tuple[str, ...]] = {
    "categories": ("categories-populated", "values-declared"),
    "history": ("history-span", "history-gaps", "steps-declared"),
    "joins": ("joins-match",),
    "nulls": ("nulls-tolerated",),
    "drift": ("live-like-training",),
    "lineage": ("lineage-traced",),
    "machines": (
        "memory-enough", "swap-enough", "cpus-enough", "disk-enough", "gpus-enough",
        "disk-fast-enough", "matrix-fast-enough", "gpu-memory-enough", "files-enough",
        "privileges-held", "endpoints-reached",
    ),
    "permissions": ("permission-granted",),
    "accounts": ("account-as-declared",),
    "environments": ("environments-same",),
    "route": ("lead-time-met", "deployments-often"),
    "roles": ("roles-known", "load-spread", "granters-backed"),
    "assets": (
        "needs-owned", "owners-single", "owners-willing", "owners-confirmed",
        "owners-backed", "model-owned",
    ),
    "sign-offs": ("agreements-current", "agreements-complete"),
}  # fmt: skip


def with_replies(shown: Fragment, piece: str, case: Case) -> Fragment:
    """Return a piece of the page, below it what roles replied to findings in it."""
    checks = _SHOWN.get(piece, ())
    disputed = dict.fromkeys(
        " ".join(one.to.split())
        for one in case.assessment.decisions.replies
        if one.to.split()[0] in checks
    )
    told = [
        Markup('<p class="note">{}: {}</p>').format(name.partition(" ")[2], said)
        for name in disputed
        if (said := replies_to(case, name))
    ]
    return replace(shown, html=shown.html + "".join(told)) if told else shown


# --- all of them ---------------------------------------------------------------------


def decisions_table(case: Case, proposed: Sequence[str] = ()) -> Fragment | None:
    """Return what was asked and decided, what is owed first; None: nothing was asked.

    Args:
        case: the case.
        proposed: what leadership is asked above, and was put to nobody yet.
    """
    as_of, asked = case.assessment.as_of, put_decisions(case)
    states = [one.state_on(as_of) for one in asked]
    rows = [
        [
            lines(one.asked, small(_at_milestone(one, case))),
            case.title(one.asked_of),
            theme.mark(_LOOKS[state], sentence(how_decided(one, case, in_short=False))),
        ]
        for one, state in zip(asked, states, strict=True)
    ]
    told = [f"{states.count(s)} {_COUNTED.get(s, s)}" for s in _STATES if s in states]
    title = f"Put to somebody: {count(len(rows), 'decision')}, {', '.join(told)}"
    columns = "Asked:long | Of | How it stands:wide"
    note = f"Put to nobody yet: {' '.join(proposed)}" if proposed else ""
    return table(title, columns, rows, around="titled", note=note) if rows else None


def _at_milestone(one: Decision, case: Case) -> str:
    """Return at which milestone it was asked, "" at the one that all is compared with."""
    last = case.comparison.before.on if case.comparison else None
    known = one.milestone in {None, last}
    return "" if known else f"at the milestone of {day(one.milestone)}"


def owed(case: Case) -> Iterator[str]:
    """Yield what waits for a role: decisions, what was decided, exceptions that end."""
    as_of = case.assessment.as_of
    for one in put_decisions(case):
        if one.state_on(as_of) != "done":
            what = f"{case.title(one.asked_of)}: {one.asked.rstrip('.')}"
            yield f"{what} ({one.id}), {how_decided(one, case)}."
    for standing in case.result.standings:
        one_gate = case.assessment.decisions.exception(standing.question.id, as_of)
        told = acceptance(standing, case)
        if one_gate and told and one_gate.until <= as_of + SOON:
            left = days(as_of, one_gate.until) if one_gate.until >= as_of else ""
            more = f" ({left} left)" if left else ""
            named = question_named(case.bank, standing.question.id)
            yield f"{named}: {told}{more}."
