"""Plain words for levels, dates, counts, shares and money, the same wherever read."""

import datetime as dt
import math
import re
from collections.abc import Sequence
from typing import Literal

from readybook.model.bank import LEVEL_WORDS, Bank, ExtendedBank, Question
from readybook.model.findings import FLOOR
from readybook.model.results import Bounds, ProofState, Snapshot

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August",
    "September", "October", "November", "December",
)  # fmt: skip
_TOP = len(LEVEL_WORDS) - 1
#: Terms that a page for leadership may use, and the plain words that stand beside each
#: where it is read first.
PLAIN = {
    "gate": "a must-have",
    "gates": "must-haves",
    "waved off": "said not to apply",
    "improvised": "done somehow",
    "provisioning": "machines and access",
    "swap": "disk that stands in for memory",
    "starter track": "the first few questions",
    "full track": "all questions",
    "P50": "the date that half of the runs keep",
    "PSI": "how far two spreads lie apart",
}


def level_word(level: int) -> str:
    """Return the word of a level, such as "partly in place"."""
    return LEVEL_WORDS[level]


def answer_word(answer: int | str) -> str:
    """Return an answer in words: a level's word, or one of the two others."""
    if isinstance(answer, int):
        return level_word(answer)
    return {"unknown": "we don't know", "does-not-apply": "does not apply"}[answer]


def level_range(bounds: Bounds | None, nothing: str = "not asked") -> str:
    """Return bounds in words; "not known" where they exclude nothing."""
    if bounds is None:
        return nothing
    lower, upper = bounds.lower, bounds.upper
    if lower == upper:
        return level_word(lower)
    if (lower, upper) == (0, _TOP):
        return "not known"
    return f"{level_word(lower)} to {level_word(upper)}"


#: Proof that may prove an answer, the strongest first.
_PROVES: tuple[ProofState, ...] = ("measured", "double-checked", "on file")


def proven_by(snapshot: Snapshot) -> dict[str, int]:
    """Return by which proof how many answers are proven, the strongest first.

    Empty where that is not known: old milestones have the number alone.
    """
    kinds = [one.proof for one in snapshot.questions.values() if one.proven]
    found: dict[str, int] = {k: kinds.count(k) for k in _PROVES if k in kinds}
    return found if len(kinds) == snapshot.proven else {}


def proof_told(snapshot: Snapshot) -> str:
    """Return how many answers are proven, and by what: "5 proven (3 measured, 2 on file)"."""
    by = ", ".join(f"{many} {kind}" for kind, many in proven_by(snapshot).items())
    return f"{snapshot.proven or 'none'} proven" + (f" ({by})" if by else "")


def answers_told(snapshot: Snapshot) -> str:
    """Return how many questions are answered, and how many of them with "we don't know"."""
    unknown = [one.status for one in snapshot.questions.values()].count("unknown")
    of = f"{snapshot.answered} of {count(snapshot.applicable, 'question')} answered"
    return f"{of}, {unknown} with “{answer_word('unknown')}”" if unknown else of


def level_spread(split: Bounds) -> str:
    """Return from where to where answers lie; one level means: others do not know."""
    if split.lower == split.upper:
        return f"{level_word(split.lower)}, or not known"
    return f"{level_word(split.lower)} to {level_word(split.upper)}"


def day(date: dt.date | None, nothing: str = "no date") -> str:
    """Return a date as "4 May 2026", in English whatever the locale."""
    if date is None:
        return nothing
    return f"{date.day} {MONTHS[date.month - 1]} {date.year}"


def days(first: dt.date, last: dt.date) -> str:
    """Return the days from one date to another: "1 day", "42 days"."""
    return count((last - first).days, "day")


def count(amount: int, noun: str, plural: str | None = None) -> str:
    """Return a number with its noun: "no gates", "1 gate", "1,200 rows"."""
    if amount == 0:
        return f"no {plural or noun + 's'}"
    return f"{amount:,} {noun if amount == 1 else plural or noun + 's'}"


def number(value: float | str | None, unit: str | None = None) -> str:
    """Return a number with thousands separators and its unit; "" for None.

    A share (0 to 1) is told in per cent.
    """
    if value is None:
        return ""
    if unit and unit.startswith("share of ") and not isinstance(value, str):
        return f"{_figure(100 * value)} % {unit.removeprefix('share ')}"
    said = value if isinstance(value, str) else _figure(value)
    if said == "1" and unit and unit.isalpha():
        unit = unit.removesuffix("s")
    return f"{said} {unit}" if unit else said


def _figure(value: float, least: int = 0) -> str:
    """Return three digits that matter, of a fraction at least so many decimals."""
    if not math.isfinite(value):
        return str(value)
    if float(value).is_integer():
        return f"{int(value):,}"
    digits = max(least, 2 - math.floor(math.log10(abs(value))))
    return f"{value:,.{digits}f}".rstrip("0").rstrip(".")


_KEYS = re.compile(
    r" \((?:[^()]* )?(?:readiness\.\w+|quality \w+|slaProperties|\w+\.yaml)[^()]*\)"
)
_KEY = re.compile(r"\breadiness\.(\w+)")


def without_keys(text: str) -> str:
    """Return a text without the keys of files that people write: in words, or left out."""

    def in_plain(found: re.Match[str]) -> str:
        return f"the declared {' '.join(re.findall('[A-Z]?[a-z]+', found[1])).lower()}"

    return _KEY.sub(in_plain, _KEYS.sub("", text))


def money_range(low: float, high: float, currency: str) -> str:
    """Return "EUR 78,000 to 350,000", both rounded to two significant digits.

    Digits beyond those would promise a precision that estimates do not have.
    """
    ends = dict.fromkeys(f"{rough(end):,.0f}" for end in (low, high))
    return f"{currency} {' to '.join(ends)}"


def rough(amount: float) -> float:
    """Return an amount with the two digits that an estimate of it has."""
    return float(f"{amount:.2g}")


def own_change(question: Question, bank: Bank) -> str:
    """Return what a bank of one's own did to a question that it asks, "" if nothing."""
    if not isinstance(bank, ExtendedBank):
        return ""
    if question.id in bank.added:
        return "added by this bank"
    keys = [key.replace("_", " ") for key in bank.changed.get(question.id, ())]
    return f"changed by this bank: {', '.join(keys)}" if keys else ""


def question_named(bank: Bank, name: str) -> str:
    """Return a question by its title, its id behind it; the id where it is unknown."""
    asked = (one for questions in bank.sections.values() for one in questions)
    return next((f"{one.title} ({name})" for one in asked if one.id == name), name)


def role_title(bank: Bank, role: str | None, nothing: str = "nobody named") -> str:
    """Return a role's title; its id in words where the bank does not have it."""
    if role is None:
        return nothing
    title = capital(in_words(role))
    return next((known.title for known in bank.roles if known.id == role), title)


def proof_asked(question: Question, bank: Bank) -> str:
    """Return what would show an answer, and what stands in where no check can look."""
    one = question.stand_in
    if one is None:
        return question.proof
    seen = f"{one.proof} Seen by: {role_title(bank, one.seen_by)}."
    return f"{question.proof} Where no check can look: {seen}"


def number_range(low: float, high: float, noun: str = "") -> str:
    """Return "1 to 3 weeks"; one number where both are the same in print, "1 week"."""
    ends = " to ".join(dict.fromkeys((number(low), number(high))))
    return f"{ends} {noun.removesuffix('s') if ends == '1' else noun}".strip()


def in_words(name: str) -> str:
    """Return an id as it stands in a sentence: "data owner" of "data-owner"."""
    return name.replace("-", " ")


def capital(text: str) -> str:
    """Return the text with a capital first letter."""
    return text[:1].upper() + text[1:]


def sentence(text: str) -> str:
    """Return the text with a capital first letter and a full stop."""
    text = text.strip()
    return capital(text) + ("" if text[-1:] in {"", ".", "!", "?"} else ".")


def listed(names: Sequence[str], last: str = "and") -> str:
    """Return "one", "one and two", "one, two and three"; or "one or two"."""
    return f" {last} ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def as_list(items: Sequence[str], shown: int = 5) -> str:
    """Return the first items joined by commas, and how many more there are."""
    rest = len(items) - shown
    text = ", ".join(items[:shown])
    return f"{text} and {rest:,} more" if rest > 0 else text


def as_share(share: float) -> str:
    """Return a share (0 to 1) as per cent, three digits that matter: `15.0 %`."""
    percent = share * 100
    digits = 0
    if not percent.is_integer():
        digits = max(0, 2 - math.floor(math.log10(percent)))
    return f"{percent:.{digits}f} %"


def as_number(value: float) -> str:
    """Return a value of the data, two decimals or three digits that matter: `1,048.36`."""
    return _figure(value, least=2)


def as_rows(number: int) -> str:
    """Return a count of rows in words; a group that could expose is not told exactly."""
    if not number:
        return "no row"
    return f"fewer than {FLOOR} rows" if number < FLOOR else count(number, "row")


def floored(number: int) -> int | Literal["<10"]:
    """Return a count of rows, or "<10" for a group so small that it could expose."""
    return "<10" if 0 < number < FLOOR else number
