"""What lies ahead is told in sentences with numbers, or it is said what is missing."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from itertools import combinations

import networkx as nx
import pytest
from hypothesis import assume, given

from flight_case import SCOPE, STAKEHOLDERS
from plans import (
    ACCEPTED,
    BANK,
    VALUE,
    action,
    ahead_of,
    case,
    dated,
    plans,
    resource,
    valued,
    weeks,
)
from readybook.model.case import Value
from readybook.show.kit.theme import COLOURS
from readybook.show.plan import place_steps
from readybook.workbook import PIECES
from shown import case_of, notes_of, rows_of, words_of

HOSTILE = "<script>alert(1)</script>"


def show(piece, assessment):
    """One piece of what lies ahead of a case."""
    return PIECES[piece](case_of(assessment, BANK))


def forty():
    """A case with forty steps, most of which wait for another."""
    chain = [
        action(
            f"step-{at}",
            needs=(f"step-{at // 2}",) if at else ("first",),
            lead_time_weeks=weeks(1, 2, 3),
            effort_days=weeks(1, 2, 4),
        )
        for at in range(38)
    ]
    return dated(*[one for one in chain if one.id not in one.needs])


def test_actions_say_who_by_when_how_long_and_what_they_save():
    """One row each; what is asked of leadership stands with the verdict."""
    slow = action("slow", "finance", lead_time_weeks=weeks(18), accepted_on=ACCEPTED)
    gate = action("gate", decides=("PRV-12",), accepted_on=ACCEPTED)
    shown = show("next-actions", dated(slow, gate))

    assert rows_of(shown) == [
        (
            "Do gate. Sponsor no date accepted lead time not given effort not given "
            "Security review, PRV-12"
        ),
        "Do load. Sponsor no date accepted 2 weeks 1 to 3 person-days no gate",
        "Do slow. Finance no date accepted 18 weeks effort not given no gate",
    ]
    assert "Do first" not in shown.html
    shown = show("next-actions", dated(slow))
    assert rows_of(shown)[0].endswith(
        "effort not given saves 16 weeks USD 160 to 640, less its own cost"
    )
    assert notes_of(shown) == [
        (
            "Besides what is told above. Worth: the weeks saved at the cost of delay, "
            "less its own cost. Each stands for itself: they don&#39;t add up."
        )
    ]


def test_actions_beyond_the_first_three_are_counted():
    """The leadership part shows a few."""
    many = [action(f"more-{at}", lead_time_weeks=weeks(1)) for at in range(6)]

    shown = show("next-actions", dated(*many))

    assert len(rows_of(shown)) == 3
    steps = len(case_of(dated(*many), BANK).outlook.steps)
    assert notes_of(shown)[0].startswith(
        f"Besides what is told above. All {steps} open steps by date: "
    )


def test_no_action_is_said():
    """At all, or beside what is told above."""
    assert show("next-actions", case()).text == (
        "Nobody has taken on an action yet. First, 1 gate is to be answered. 2 steps are "
        "proposed."
    )
    told = case(action("swf", decides=("AVL-03",)))
    assert show("next-actions", told).text == "No other action is open."


def test_dates_are_told_with_the_target_date_and_what_delays_them():
    """Constant lead times: 20 weeks after 30 November is 19 April, in each run."""
    target = SCOPE.model_copy(
        update={"value": VALUE, "target_date": SCOPE.as_of.replace(month=12, day=31)}
    )
    case_ = dated(action("slow", lead_time_weeks=weeks(20)), scope=target)
    shown = show("dates", case_)

    assert shown.text.splitlines() == [
        (
            "By the lead times given the last step is done by 19 April 2027; later than "
            "the target date, 31 December 2026."
        ),
        (
            "Waiting until 19 April 2027, 20 weeks, costs USD 200 to 800. Building, USD "
            "100 to 300, and open steps: USD 110 to 310, paid back in 0.4 to "
            "12.6 months. The declared "
            "figure that matters most: Cost of delay. Not declared: "
            "Effort: Do slow. (Sponsor, for worth and load); days a week of Sponsor."
        ),
    ]
    assert "USD 6 to 14." in words_of(show("verdict", case_).html)
    assert rows_of(shown) == ["Do slow. Sponsor saves 18 weeks 19 April 2027"]
    assert "<caption>Steps that delay the end</caption>" in shown.html
    spread = dated(action("slow", lead_time_weeks=weeks(2, 6, 20)), scope=target)
    shown = show("dates", spread)
    painted = set(re.findall(r"var\(--([\w-]+)\)", shown.html))
    key = words_of(shown.html.partition('class="key"')[2].partition("</p>")[0])
    assert painted >= {"level-1", "level-2", "level-3", "level-4"}
    assert painted <= set(COLOURS)
    assert " in half of 10,000 simulated runs, by " in shown.text
    assert re.search(r"; [\d,]+ of 10,000 runs keep the target date", shown.text)
    assert re.search(r"half: until .* the rest target date, 31 December 2026$", key)
    assert " % of runs saves " in rows_of(shown)[0]


def golive(lead):
    """The picture of when a step ends that takes so many weeks, or days more."""
    span = weeks(lead, lead + 0.2, lead + 0.5)
    return show("dates", dated(action("slow", lead_time_weeks=span))).html


def test_bars_have_only_the_colours_of_runs_that_there_are():
    """Where all runs end in one week, each colour has its part of it."""
    paths = re.findall(r'<path fill="var\(--([\w-]+)\)" d="([^"]*)"', golive(20))

    assert all(path for _, path in paths)
    assert [name for name, _ in paths] == ["level-4", "level-3", "level-2", "level-1"]
    assert not re.search(r'<path fill="[^"]*" d=""', golive(20))


def test_bar_of_a_week_is_as_high_as_its_runs_and_split_at_the_cuts():
    """The fullest week is as high as the picture; one with few runs is still seen."""
    case_ = dated(action("slow", lead_time_weeks=weeks(2, 6, 20)))
    runs = Counter(map(int, ahead_of(case_).forecast.weeks))
    bars = re.findall(
        r"M([\d.]+) 40v-([\d.]+)h([\d.]+)v([\d.]+)z", show("dates", case_).html
    )
    drawn, wide = {}, Counter()
    for left, up, width, down in bars:
        week = int(float(left))
        drawn[week] = up
        wide[week] += float(width)
        assert up == down

    most = max(runs.values())
    assert drawn == {
        week: f"{max(0.4, 40 * many / most):.3g}" for week, many in runs.items()
    }
    assert min(drawn.values(), key=float) == "0.4"
    assert all(one == pytest.approx(0.88, abs=0.03) for one in wide.values())
    assert len(bars) == len(runs) + 3  # each of three cuts parts a bar


YEAR = "Dec 2027 Feb Mar Apr May Jun Jul Aug Sep Oct Nov"


@pytest.mark.parametrize(
    ("lead", "names"),
    [
        (4, "Dec 2027"),
        (51, YEAR),
        # Beyond twelve months the quarters alone are named.
        (52, "2027 Apr Jul Oct"),
        # The year 2028 begins where its name has no room any more.
        (57, "2027 Apr Jul Oct"),
        (60, "2027 Apr Jul Oct 2028"),
    ],
)
def test_calendar_names_the_months_that_begin_and_years_in_january(lead, names):
    """Each stands where its first day lies between the as-of date and the end."""
    marks = re.findall(r'<span style="left:([\d.]+)%">(\w+)</span>', golive(lead))
    months = [*YEAR.split(), "Dec", "2028"]
    begins = [
        dt.date(2026 + (at + 11) // 12, (at + 11) % 12 + 1, 1) for at in range(14)
    ]
    days = {
        name: (day - SCOPE.as_of).days for name, day in zip(months, begins, strict=True)
    }
    days["Dec"] = 1

    assert " ".join(name for _, name in marks) == names
    for at, name in marks:
        assert float(at) == pytest.approx(100 * days[name] / (7 * (lead + 1)), abs=0.06)


def test_no_date_names_every_owner_without_a_lead_time():
    """With what is missing."""
    lacking = [action("open", "finance"), action("else", "sponsor")]
    shown = show("dates", dated(*lacking, action("x", "sponsor")))

    assert shown.text.splitlines()[0] == (
        "No date yet: 2 owners have given no lead time."
    )
    assert rows_of(shown) == ["Finance Do open.", "Sponsor Do else; Do x."]
    assert "svg" not in shown.html


def test_one_owner_without_lead_time_is_one():
    """The sentence fits the number."""
    shown = show("dates", dated(*(action(name, "finance") for name in "abc")))
    bare = show("dates", case(data=None))

    assert shown.text.splitlines()[0] == "No date yet: 1 owner has given no lead time."
    assert "No date yet" in words_of(bare).partition("Who ")[0]


def test_few_without_a_lead_time_are_told_with_the_verdict_alone():
    """A fact stands once."""
    shown = show("dates", dated(action("open", "finance")))

    assert "No date yet" not in shown.html
    assert "Finance has not said how long this takes: Do open." in words_of(
        show("verdict", dated(action("open", "finance"))).html
    )


def test_gate_without_an_action_has_no_lead_time():
    """The list says what is proposed for it."""
    assert rows_of(show("dates", case()))[0] == (
        "Data owner Categories populated (AVL-03), proposed: have rows of it delivered, or "
        "withdraw the category: no row of flights has SWF as its origin."
    )


def test_missing_figures_are_named_with_role_and_use():
    """None is made up."""
    case_ = dated(scope=SCOPE.model_copy(update={"value": None}))

    assert show("dates", case_).text.splitlines()[1] == (
        "Not declared: Day rate (Finance, for what an action is worth); "
        "Gain once it runs (Business owner, for the break-even); Cost of running it "
        "(Finance, for the break-even); Cost of building it, still to be spent (Finance, "
        "for the break-even); days a week of Sponsor."
    )


@pytest.mark.parametrize(
    ("run_cost", "said"),
    [
        (weeks(240, 600, 900), "paid back in 0.4 to 12.6 months"),
        (weeks(240, 600, 1_300), "paid back in 0.4 months at best, never at worst"),
        (
            weeks(4_000),
            "never paid back, as a year of running costs more than it brings",
        ),
    ],
)
def test_break_even_is_told_from_best_to_worst(run_cost, said):
    """And where it never comes."""
    value = VALUE.model_copy(update={"run_cost_per_year": run_cost})
    case_ = dated(scope=SCOPE.model_copy(update={"value": value}))

    told = show("dates", case_).text.splitlines()[-1]
    spent = "Building, USD 100 to 300, and open steps: USD 110 to 310"
    assert f"{spent}, {said}. " in told


def test_permission_that_waits_beyond_its_worst_case_says_so():
    """One more lead time is counted, and flagged."""
    late = dated(resources=resource(lead_time_weeks=weeks(5, 6, 7)))

    assert rows_of(show("dates", late)) == [
        (
            "Permission: Cloud account waits beyond its worst case: one more lead time is "
            "counted Finance 100 % of runs saves 4 weeks 11 January 2027"
        )
    ]
    assert rows_of(show("figures", late))[-1].endswith(
        "Permission: Cloud account Finance 2027-01-11 5, 6, 7 waits beyond that already"
    )


def test_dependencies_of_forty_steps_are_all_drawn_and_named():
    """Each as a box with its words and its role, none upon another."""
    shown = show("dependencies", forty())
    spots = re.findall(r"translate\((\d+) ([\d.]+)\)", shown.html)

    assert len(spots) == len(set(spots)) == 39
    assert shown.html.count("<rect") == 39
    assert shown.text == (
        "38 of 40 steps wait for another one; 38 steps for “Do first”"
    )
    assert "1 more step waits for nothing" in words_of(shown.html)
    assert "/>" not in shown.html.replace("<br/>", "")


def test_boxes_of_the_steps_that_delay_the_end_are_filled():
    """Of two chains the one that always ends last is marked, with a line in each."""
    names = {"long": 20, "after": 2, "short": 1, "beside": 2}
    needs = {"after": ("long",), "beside": ("short",)}
    steps = [
        action(name, needs=needs.get(name, ()), lead_time_weeks=weeks(lead))
        for name, lead in names.items()
    ]
    shown = show("dependencies", dated(*steps)).html
    boxes = [words_of(box) for box in shown.split('<g class="crit"')[1:]]

    assert [box.split("Sponsor")[0].split("> ")[-1] for box in boxes] == [
        "Do long ",
        "Do after ",
    ]
    # Boxes of 178 by 50, and lines from the middle of a side to that of the next.
    assert re.findall(r"translate\(([\d ]+)\)", shown) == [
        "1 6",
        "207 6",
        "1 68",
        "207 68",
    ]
    assert 'd="M179 31C193 31 193 31 207 31M179 93C193 93 193 93 207 93"' in shown
    assert 'viewBox="0 0 386 124"' in shown


def test_steps_that_wait_for_nothing_need_no_picture():
    """A sentence says so."""
    assert show("dependencies", dated()).text == "No step waits for another one."


def test_load_says_in_which_weeks_a_role_would_need_more_than_it_has():
    """In words beside the bars; what is not declared is said."""
    sponsor = STAKEHOLDERS.roles[0].model_copy(update={"days_per_week": 2})
    shown = show(
        "load",
        dated(
            action("busy", lead_time_weeks=weeks(2), effort_days=weeks(8)),
            action("other", "finance", lead_time_weeks=weeks(2), effort_days=weeks(1)),
            stakeholders=STAKEHOLDERS.model_copy(update={"roles": (sponsor,)}),
        ),
    )

    assert shown.text == "1 of 2 roles needs more days in some weeks than it has"
    sponsor_row, finance_row = rows_of(shown)
    assert sponsor_row == (
        "Sponsor 9 to 11 2 2 weeks, the first from 30 November 2026; "
        "at most 5 days in a week"
    )
    assert finance_row == "Finance 1 not declared not known"
    assert notes_of(shown) == [
        (
            "Bars: likely days in each week, each step&#39;s spread evenly over its time, 30 "
            "November 2026 to 14 December 2026. Line: what the role has."
        )
    ]
    # The fullest week is as high as the picture; two days of five are two fifths.
    assert (
        'd="M0.1 60V0h.8V60zM1.1 60V0h.8V60z"></path><path d="M0 36h2">' in shown.html
    )


def having(*days):
    """The register: so many days a week of sponsor and finance."""
    roles = (
        one.model_copy(update={"role": role, "days_per_week": has})
        for one, role, has in zip(
            STAKEHOLDERS.roles, ("sponsor", "finance"), days, strict=False
        )
    )
    return STAKEHOLDERS.model_copy(update={"roles": tuple(roles)})


def test_roles_that_are_short_of_days_are_counted_and_unknown_effort_is_told():
    """Two are short; of the one a step has no effort yet."""
    shown = show(
        "load",
        dated(
            action("busy", lead_time_weeks=weeks(2), effort_days=weeks(8)),
            action("bare", "finance", lead_time_weeks=weeks(1)),
            action("other", "finance", lead_time_weeks=weeks(1), effort_days=weeks(9)),
            stakeholders=having(2, 1),
        ),
    )

    assert shown.text == "2 of 2 roles need more days in some weeks than they have"
    assert rows_of(shown)[1] == (
        "Finance 9; 1 step unknown 1 1 week, the first from 30 November 2026; at most "
        "9 days in a week"
    )


def test_role_that_has_enough_days_is_never_short():
    """Exactly as many as it has are enough; without a date there are no weeks."""
    busy = action("busy", lead_time_weeks=weeks(2), effort_days=weeks(4))
    shown = show("load", dated(busy, stakeholders=having(3)))
    undated = action("x", "finance", effort_days=weeks(9))
    without = show("load", dated(undated, stakeholders=having(3, 3)))

    assert shown.text == "No role needs more days in a week than it has"
    assert rows_of(shown) == ["Sponsor 5 to 7 3 never"]
    assert rows_of(without)[1] == "Finance 9 3"
    assert without.text.startswith("Without a date for each step, nobody can say ")
    unsaid = dated(busy.model_copy(update={"owner": "data-owner"}))
    assert show("load", unsaid).text == (
        "No role has said how many days a week it has for the case"
    )


def test_load_without_effort_says_where_it_is_declared():
    """Nothing is drawn of what nobody estimated."""
    assert show("load", case(action("a"))).text == (
        "No action has a declared effort yet."
    )


def test_figures_tell_steps_workarounds_what_matters_and_money():
    """Each declared figure stands in a table."""
    shown = show("figures", forty())

    assert shown.text.splitlines() == [
        "All 40 open steps by date, with every figure declared",
        "1 workaround: what each costs and saves",
        "“Cost of delay” moves the cost of getting there most",
    ]
    assert len(rows_of(shown, 2)) == 6


def test_steps_are_numbered_and_wait_for_these_numbers():
    """Figures are told as they were declared: one where it is constant, else three."""
    shown = show(
        "figures",
        dated(
            action("a", lead_time_weeks=weeks(1.26, 2, 3)),
            action("b", "finance", needs=("a", "load"), lead_time_weeks=weeks(2),
                   effort_days=weeks(1, 2, 3), cost=weeks(4)),
        ),
    )  # fmt: skip

    assert rows_of(shown) == [
        "1. Do first. Sponsor 2026-12-07 AVL-03, PRV-04, PRV-12 1 0 days",
        "2. Do load. Sponsor 2026-12-14 2 1, 2, 3 days cost: 5",
        "3. Do a. Sponsor 2026-12-15 1.3, 2, 3",
        "4. Do b. After 3, 2. Finance 2026-12-29 2 1, 2, 3 days cost: 4",
    ]
    assert rows_of(shown, 1) == [
        "Do load. Collect 549 more days of flights Sponsor taken USD 6 to 14 76.4 weeks"
    ]
    assert rows_of(shown, 2)[:2] == [
        "Cost of delay USD 57 USD 180",
        "Lead time: Do a. USD 97 USD 120",
    ]
    assert notes_of(shown)[:2] == [
        (
            "Low, likely, high, as declared; of history, what is needed less what is held."
        ),
        (
            "Until half of the runs end: the wait at the cost of delay, and the work. One "
            "figure at its low and high, the others at their likely, lead times drawn."
        ),
    ]


def test_figures_that_nobody_declared_are_named_and_weeks_told_where_money_is_not():
    """A workaround that is proposed is in no date, and moves nothing yet."""
    long = action("long", lead_time_weeks=weeks(1, 2, 4))
    priceless = SCOPE.model_copy(update={"value": None})
    lacking = valued(gain_per_year=None, build_cost=None)
    proposed = action("w", workaround_for="history/flights")
    shown = show("figures", dated(long, scope=priceless))
    partly = show("value", dated(scope=lacking.model_copy(update={"example": False})))

    assert (
        shown.text.splitlines()[2] == "“Lead time: Do long” moves the likely date most"
    )
    assert rows_of(shown, 1) == [
        "Do load. Collect 549 more days of flights Sponsor taken not known 76.3 weeks"
    ]
    assert rows_of(shown, 2) == ["Lead time: Do long. 2 weeks 4 weeks"]
    assert notes_of(partly)[-1] == (
        "Source: Finance. Not declared: Gain once it runs (Business owner); Cost of "
        "building it, still to be spent (Finance)."
    )
    assert rows_of(show("figures", case(proposed)), 1) == [
        (
            "Do w. Collect 549 more days of flights Sponsor proposed: not in the dates not "
            "known not known"
        )
    ]


def test_without_any_figure_the_tables_say_so():
    """No lead time, no workaround, no money."""
    bare = case(scope=SCOPE.model_copy(update={"value": None}))
    shown = show("figures", bare)

    assert rows_of(shown)[:2] == [
        "1. Collect 549 more days of flights nobody named 2028-06-01 78.4",
        (
            "2. Categories populated (AVL-03), proposed: have rows of it delivered, or "
            "withdraw the category: no row of flights has SWF as its origin. Data owner not known "
            "AVL-03 not given"
        ),
    ]
    assert shown.text.splitlines()[1:] == [
        "No workaround is declared.",
        "What matters most is not known while there is no date.",
    ]


def test_texts_that_people_typed_are_escaped():
    """No action, resource or source brings markup into the page."""
    value = Value(**{**dict(VALUE), "source": HOSTILE})
    assessment = dated(
        action("a", lead_time_weeks=weeks(3), effort_days=weeks(1)).model_copy(
            update={"action": HOSTILE}
        ),
        action(
            "b",
            needs=("a", "permission/cloud-account"),
            lead_time_weeks=weeks(3),
            workaround_for="gap/AVL-99",
            accepted_on=ACCEPTED,
        ),
        resources=resource(what=HOSTILE, lead_time_weeks=weeks(9)),
        scope=SCOPE.model_copy(update={"value": value}),
    )
    shown = [
        show(piece, assessment).html
        for piece in ("next-actions", "dates", "dependencies", "load", "figures")
    ]

    assert all("<script" not in html for html in shown)
    assert "&lt;script&gt;" in shown[0]


@pytest.mark.slow
def test_same_case_gives_the_same_pieces_twice():
    """Seeds come from ids, never from the clock."""
    assert show("dates", forty()) == show("dates", forty())
    assert show("dependencies", forty()) == show("dependencies", forty())


# --- the picture of what waits on what -----------------------------------------------


def placed(**needs):
    """Where the steps of a plan stand, and its lines."""
    graph = nx.DiGraph((need, step) for step in needs for need in needs[step])
    return place_steps(graph)


def test_step_stands_to_the_right_of_all_that_it_waits_for():
    """In the layer after the last of them."""
    spots, _ = placed(b="a", c="ab")

    assert {step: layer for (step,), (layer, _) in spots.items()} == {
        "a": 0,
        "b": 1,
        "c": 2,
    }


def test_line_that_others_imply_is_left_out():
    """C waits for b, and so for a."""
    assert placed(b="a", c="ab")[1] == [[("a",), ("b",)], [("b",), ("c",)]]


def test_long_line_has_a_point_of_its_own_in_each_layer_between():
    """So that it passes beside the boxes, not behind them."""
    spots, lines = placed(b="a", c="b", d="cx")
    (line,) = (one for one in lines if one[0] == ("x",))

    assert len(line) == 4
    for point, box in zip(line[1:-1], (("b",), ("c",)), strict=True):
        assert spots[point][0] == spots[box][0]
        assert abs(spots[point][1] - spots[box][1]) >= 25 + 5  # half a box, and air


@pytest.mark.slow
@given(plans(most=12))
def test_no_two_boxes_touch_and_every_line_leads_right(steps):
    """Whatever the plan; the same plan gives the same picture."""
    edges = [(need, one.id) for one in steps for need in one.needs]
    assume(edges)
    spots, lines = place_steps(nx.DiGraph(edges))

    boxes = [spot for point, spot in spots.items() if len(point) == 1]
    for one, other in combinations(boxes, 2):
        assert one[0] != other[0] or abs(one[1] - other[1]) >= 61.9
    for line in lines:
        layers = [spots[point][0] for point in line]
        assert layers == list(range(layers[0], layers[-1] + 1))
    assert place_steps(nx.DiGraph(edges[::-1])) == (spots, lines)
