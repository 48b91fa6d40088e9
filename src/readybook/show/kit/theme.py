"""One table of how everything looks: words, colours and shapes.

Colour never stands alone: whatever has one has a word, and marks have a shape too.
"""

from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup

from readybook.model.bank import LEVEL_WORDS
from readybook.model.findings import Outcome
from readybook.model.results import Bounds, GateState, ProofState, Standing, Verdict
from readybook.model.words import answer_word

#: Name to colour on light and on dark ground; every one used for text or marks has a
#: contrast of at least 4.5 with the paper of its scheme.
COLOURS: dict[str, tuple[str, str]] = {
    "paper": ("#ffffff", "#14181c"),
    "wash": ("#f3f5f6", "#1d2328"),
    "ink": ("#171c20", "#e8ebed"),
    "muted": ("#55606a", "#a7b1ba"),
    "rule": ("#d3d9dd", "#39434b"),
    "accent": ("#14587d", "#86c1e3"),
    "good": ("#1b6a3a", "#72c792"),
    "warn": ("#80520a", "#e3b562"),
    "bad": ("#a1231c", "#f4948a"),
    "open": ("#4a4d8f", "#b1b6f2"),
    "level-0": ("#e3e8eb", "#2b343b"),
    "level-1": ("#b5cbd8", "#3d5666"),
    "level-2": ("#7fa8bf", "#548099"),
    "level-3": ("#3d7a9e", "#77abc9"),
    "level-4": ("#14405c", "#b4dcf2"),
}
#: Colour names of the five levels: one hue, five steps of lightness.
LEVEL_COLOURS = tuple(f"level-{level}" for level in range(len(LEVEL_WORDS)))

_DISC = "M8 .5a7.5 7.5 0 0 0 0 15 7.5 7.5 0 0 0 0-15z"
_PATH = '<path d="{}"/>'.format
#: Each shape's colour, and the shape in a box of 16 by 16; what runs the other way round
#: is cut out.
_SHAPES = {
    "tick": ("good", _PATH(f"{_DISC}M3.8 9l1.4-1.4 1.8 1.7 3.8-4.2 1.4 1.4-5.2 5.8z")),
    "cross": (
        "bad",
        _PATH(
            "M1 1v14h14V1zM5.7 4.3L8 6.6l2.3-2.3 1.4 1.4L9.4 8l2.3 2.3-1.4 1.4L8 9.4"
            "l-2.3 2.3-1.4-1.4L6.6 8 4.3 5.7z"
        ),
    ),
    "warning": ("warn", _PATH("M8 .5L0 15.5h16zM7 5.5h2v5H7zM7 12h2v2H7z")),
    "question": (
        "open",
        _PATH(
            f"{_DISC}M4.8 6.2a3.3 3.3 0 1 1 4.6 2.9q-.4.2-.4.4H7q0-1.6 1.6-2.2a1.3 1.3 "
            "0 1 0-1.8-1.1zM7 11h2v1.8H7z"
        ),
    ),
    "half": (
        "open",
        (
            '<path d="M8 1a7 7 0 0 0 0 14z"/>'
            '<circle cx="8" cy="8" r="6.5" fill="none" stroke="black"/>'
        ),
    ),
    "dot": ("accent", '<circle cx="8" cy="8" r="3.5"/>'),
    "ring": (
        "muted",
        (
            '<circle cx="8" cy="8" r="6" fill="none" stroke="black"'
            ' stroke-width="2" stroke-dasharray="2.5 2.2"/>'
        ),
    ),
}


@dataclass(frozen=True)
class Look:
    """How one state is shown."""

    word: str
    shape: str  #: a name of the shapes

    @property
    def colour(self) -> str:
        """Return the name of its colour, which goes with the shape."""
        return _SHAPES[self.shape][0]


VERDICTS = {
    "ready": Look("Ready", "tick"),
    "conditions": Look("Ready with conditions", "warning"),
    "not ready": Look("Not ready", "cross"),
    "open": Look("Not enough known", "question"),
}
GATES: dict[GateState, Look] = {
    "passed": Look("passed", "tick"),
    "failed": Look("failed", "cross"),
    "undecided": Look("undecided", "half"),
}
OUTCOMES: dict[Outcome, Look] = {
    "supports": Look("Supported", "tick"),
    "contradicts": Look("Contradicted", "cross"),
    "informs": Look("Informs", "dot"),
    "not measured": Look("Not measured", "ring"),
}
PROOFS: dict[ProofState, Look] = {
    "nothing": Look("no answer", "ring"),
    "said": Look("said", "ring"),
    "on file": Look("on file", "dot"),
    "double-checked": Look("double-checked", "dot"),
    "measured": Look("measured", "tick"),
    "out of date": Look("out of date", "warning"),
    "contradicted": Look("contradicted", "cross"),
}
GOOD, BAD = VERDICTS["ready"], VERDICTS["not ready"]
WARN, UNDECIDED = VERDICTS["conditions"], GATES["undecided"]
UNTESTED = OUTCOMES["not measured"]


def verdict_look(verdict: Verdict) -> Look:
    """Return the look of a verdict as it is printed, "not enough known" included."""
    return VERDICTS["open" if verdict.is_open else verdict.lower]


def icon(look: Look) -> Markup:
    """Return the place of a shape, empty for screen readers: the word speaks.

    The style sheet has each shape once; inline they would be a seventh of the page.
    """
    return Markup('<i class="m {}"></i>').format(look.shape)


def mark(look: Look, words: str | None = None) -> Markup:
    """Return shape and word, kept together; `words` replace the look's own."""
    said = look.word if words is None else words
    return Markup('<span class="m {}">{}</span>').format(look.shape, said)


def proof_look(standing: Standing) -> Look:
    """Return the look of a question's proof; "we don't know" is no silence."""
    look = PROOFS[standing.proof]
    return Look(answer_word("unknown"), "ring") if standing.is_unknown else look


def proof_mark(standing: Standing) -> Markup:
    """Return the mark of a question's proof, and whether it shows part of the claim."""
    look = proof_look(standing)
    if look.shape in {"dot", "tick"} and not standing.proven:
        return mark(Look(look.word, "ring"), f"{look.word}, in part")
    return mark(look)


def outcome_mark(outcome: Outcome, words: str | None = None) -> Markup:
    """Return the mark of a finding's outcome, in its own or in other words."""
    return mark(OUTCOMES[outcome], words)


def bar(bounds: Bounds | None, needed: Bounds | None = None) -> Markup:
    """Return a bar of four steps: full to the lower bound, hatched to the upper.

    A line marks the level needed, a second one the stricter need that an undeclared
    fact may bring. It is decoration: the words beside it say the same.
    """
    if bounds is None:
        return Markup("")
    classes = f"l{bounds.lower} u{bounds.upper}"
    if needed is not None:
        classes += f" n{needed.lower}"
        classes += f" x{needed.upper}" if needed.upper != needed.lower else ""
    return Markup('<i class="bar {}"></i>').format(classes)


def shape_rules() -> str:
    """Return the style sheet's rules that give each shape its mask and its colour."""
    rules = []
    for name, (colour, shape) in _SHAPES.items():
        # Written so, the name of SVG is no address that a page could be seen to ask for.
        name_of = "http%3A//www.w3.org/2000/svg"
        svg = f'<svg xmlns="{name_of}" viewBox="0 0 16 16">{shape}</svg>'
        image = svg.replace('"', "'")
        rules.append(
            f'.{name}{{--k:var(--{colour});--s:url("data:image/svg+xml,{image}")}}'
        )
    return "\n".join(rules) + "\n"


def level_rules() -> str:
    """Return the style sheet's rules that give each bar its bounds and its needs."""
    rules = []
    for level, colour in enumerate(LEVEL_COLOURS):
        rules.append(f".l{level}{{--l:{level};--fill:var(--{colour})}}")
        rules += [f".{name}{level}{{--{name}:{level}}}" for name in "unx"]
    return "\n".join(rules) + "\n"


def colour_rules() -> str:
    """Return the style sheet's colour variables; dark ones for dark screens only."""
    return (
        f":root{{{scheme('light')}}}\n"
        "@media screen and (prefers-color-scheme:dark)"
        f"{{:root{{{scheme('dark')}}}}}\n"
    )


def scheme(name: Literal["light", "dark"]) -> str:
    """Return the declarations of one colour scheme."""
    at = 1 if name == "dark" else 0
    colours = ";".join(f"--{colour}:{pair[at]}" for colour, pair in COLOURS.items())
    return f"color-scheme:{name};{colours}"


def dark_colours() -> dict[str, str]:
    """Return light colour to dark colour, for charts drawn on a dark screen."""
    return dict(COLOURS.values())
