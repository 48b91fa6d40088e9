"""Colours can be read, states differ by word and shape, bars say what bounds are."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from flight_case import flight_assessment, flight_bank
from readybook.model.bank import LEVEL_WORDS
from readybook.model.results import Bounds, Verdict
from readybook.score.score import score
from readybook.show.kit import theme

BANK = flight_bank()
TEXT = ("ink", "muted", "accent", "good", "warn", "bad", "open")
LOOKS = {
    "verdicts": theme.VERDICTS,
    "gates": theme.GATES,
    "outcomes": theme.OUTCOMES,
    "proofs": theme.PROOFS,
}


def luminance(colour):
    """Relative luminance of "#rrggbb", as WCAG 2.2 defines it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [
        p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    """Contrast ratio of two colours, from 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("name", TEXT)
def test_colour_of_text_has_enough_contrast(name, scheme):
    """Every colour that words or marks have can be read on its paper."""
    paper = theme.COLOURS["paper"][scheme]

    assert contrast(theme.COLOURS[name][scheme], paper) >= 4.5


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_levels_differ_in_lightness(scheme):
    """Five steps in one direction, so that they survive grey printing."""
    steps = [luminance(theme.COLOURS[name][scheme]) for name in theme.LEVEL_COLOURS]

    assert len(steps) == len(LEVEL_WORDS)
    assert steps == sorted(steps, reverse=scheme == 0)
    assert all(abs(a - b) > 0.03 for a, b in pairwise(steps))


@pytest.mark.parametrize("looks", LOOKS.values(), ids=LOOKS)
def test_no_state_is_told_by_colour_alone(looks):
    """Each state has a word of its own, and each mark shows shape and word."""
    assert len({look.word for look in looks.values()}) == len(looks)
    for look in looks.values():
        shown = str(theme.mark(look))
        rule = f".{look.shape}{{--k:var(--{look.colour});--s:url("
        assert shown == f'<span class="m {look.shape}">{look.word}</span>'
        assert rule in theme.shape_rules()


def test_state_is_told_in_the_word_that_evidence_has_for_it():
    """What is said of a proof or a gate on the page can be looked up in the files."""
    told = {state: look.word for state, look in (theme.PROOFS | theme.GATES).items()}

    assert told.pop("nothing") == "no answer"
    assert all(state == word for state, word in told.items())
    assert [look.word for look in theme.OUTCOMES.values()] == [
        "Supported",
        "Contradicted",
        "Informs",
        "Not measured",
    ]


def test_states_of_one_colour_differ_from_others_in_shape():
    """Where two verdicts or gates differ in colour, they differ in shape too."""
    for looks in (theme.VERDICTS, theme.GATES, theme.OUTCOMES):
        assert len({look.shape for look in looks.values()}) == len(looks)


@pytest.mark.parametrize(
    ("verdict", "word"),
    [
        (Verdict(lower="ready", upper="ready"), "Ready"),
        (Verdict(lower="not ready", upper="not ready"), "Not ready"),
        (Verdict(lower="not ready", upper="ready"), "Not enough known"),
        (Verdict(lower="conditions", upper="ready"), "Ready with conditions"),
    ],
)
def test_verdict_that_is_open_has_a_look_of_its_own(verdict, word):
    """Not enough known is neither ready nor not ready."""
    assert theme.verdict_look(verdict).word == word


def test_bar_is_full_to_the_lower_bound_and_hatched_to_the_upper():
    """Bounds and needs go into the bar as steps; a double need has two lines."""
    bounds, needed = Bounds(lower=1, upper=3), Bounds(lower=3, upper=4)
    alike = Bounds(lower=3, upper=3)

    assert theme.bar(bounds, needed) == '<i class="bar l1 u3 n3 x4"></i>'
    assert theme.bar(bounds, alike) == '<i class="bar l1 u3 n3"></i>'
    assert theme.bar(None) == ""


@pytest.mark.parametrize("name", ["l", "u", "n", "x"])
def test_every_level_has_its_rules_for_bars(name):
    """No class of a bar is without a rule of the style sheet."""
    rules = theme.level_rules().splitlines()
    fills = [
        f";--fill:var(--level-{level})" if name == "l" else "" for level in range(5)
    ]

    assert [rule for rule in rules if rule.startswith(f".{name}")] == [
        f".{name}{level}{{--{name}:{level}{fill}}}" for level, fill in enumerate(fills)
    ]


def test_every_shape_is_drawn_with_a_colour_of_the_theme():
    """A path that no browser can read would leave a state without its shape."""
    rules = theme.shape_rules()
    tick, dot = (
        next(rule for rule in rules.splitlines() if rule.startswith(name))
        for name in (".tick", ".dot")
    )
    start = (
        "--s:url(\"data:image/svg+xml,<svg xmlns='http%3A//www.w3.org/2000/svg' "
        "viewBox='0 0 16 16'>"
    )
    assert dot == (
        f".dot{{--k:var(--accent);{start}<circle cx='8' cy='8' r='3.5'/></svg>\")}}"
    )
    assert tick.startswith(f".tick{{--k:var(--good);{start}<path d='M")
    paths = re.findall(r" d='([^']*)'", rules)

    assert paths
    assert [
        path for path in paths if not re.fullmatch(r"M[-MmHhVvLlAaQqCcz0-9. ]+", path)
    ] == []
    assert set(re.findall(r"--k:var\(--([\w-]+)\)", rules)) <= set(theme.COLOURS)


def test_marks_escape_what_people_typed():
    """Words given to a mark are text, whatever they hold."""
    shown = str(theme.mark(theme.GATES["failed"], "<script>"))

    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown


def test_every_light_colour_has_one_dark_colour():
    """A chart's colour can be swapped without knowing what it is for."""
    assert len(theme.dark_colours()) == len(theme.COLOURS)
    light, dark = theme.scheme("light"), theme.scheme("dark")
    assert theme.colour_rules() == (
        f":root{{{light}}}\n@media screen and (prefers-color-scheme:dark)"
        f"{{:root{{{dark}}}}}\n"
    )
    for at, rules in enumerate((light, dark)):
        scheme, *colours = rules.split(";")
        assert scheme == f"color-scheme:{('light', 'dark')[at]}"
        assert colours == [f"--{name}:{c[at]}" for name, c in theme.COLOURS.items()]


@pytest.mark.parametrize(
    ("proof", "proven", "shown"),
    [
        ("measured", True, '<span class="m tick">measured</span>'),
        ("measured", False, '<span class="m ring">measured, in part</span>'),
        ("on file", False, '<span class="m ring">on file, in part</span>'),
        ("said", False, '<span class="m ring">said</span>'),
        ("contradicted", False, '<span class="m cross">contradicted</span>'),
    ],
)
def test_proof_that_falls_short_of_the_claim_is_no_tick(proof, proven, shown):
    """What proves nothing anyway does not say so twice."""
    standing = score(BANK, flight_assessment()).standings[0]
    changed = standing.model_copy(update={"proof": proof, "proven": proven})

    assert theme.proof_mark(changed) == shown
    silent = standing.model_copy(update={"status": "unanswered", "proof": "nothing"})
    unknown = silent.model_copy(update={"status": "unknown"})
    assert [theme.proof_look(one).word for one in (silent, unknown)] == [
        "no answer",
        "we don't know",
    ]
    assert theme.icon(theme.GOOD) == '<i class="m tick"></i>'
