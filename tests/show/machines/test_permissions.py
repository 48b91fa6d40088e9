"""Permissions over time: who is waited for, how long, and what ends too early."""

from __future__ import annotations

import datetime as dt
import re

from flight_case import flight_bank
from readybook.show.machines.permissions import permission_chart
from resource_case import AS_OF, case, resource
from shown import case_of, rows_of, words_of

BANK = flight_bank()
TARGET = dt.date(2027, 3, 31)


def day(text):
    """A date of 2026, as "MM-DD"."""
    return dt.date.fromisoformat(f"2026-{text}")


WAITING = resource("feed", grants="security", asked_on=day("10-01"), lead_time_days=30)
GRANTED = resource(
    "node",
    grants="platform-lead",
    asked_on=day("08-03"),
    granted_on=day("08-24"),
    lead_time_days=30,
)


def chart(*resources, target=TARGET):
    """The chart of these resources."""
    return permission_chart(case_of(case(*resources, target=target), BANK))


def bars(shown):
    """The styles of the bars, row by row."""
    body = shown.html.partition("<tbody>")[2]
    return re.findall(r'<i class="when" style="([^"]*)"', body)


def swatches(shown):
    """Style and words of each swatch of the key."""
    key = re.findall(r'<i class="when" style="([^"]*)"></i>\s*([^<]+)<', shown.html)
    return [(style, words.strip()) for style, words in key if words.strip()]


def test_waiting_permission_names_role_wait_and_lead_time():
    """The title says on whom and for how long; the row says it beside the bar."""
    shown = chart(GRANTED, WAITING)

    assert shown.text == (
        "1 of 2 permissions is still waiting, for 60 days on Security lead; "
        "1 beyond the declared lead time."
    )
    assert rows_of(shown)[0] == (
        "Machine Security lead 1 October 2026 waiting for 60 days; declared: 30 days"
    )
    assert 'class="m cross"' in shown.html
    assert swatches(shown) == [
        ("--b:100", "waiting"),
        ("--z:100", "granted"),
        ("--l:50", "due by the declared lead time"),
        ("--t:50", "target date, 31 March 2027"),
    ]


def test_wait_within_the_lead_time_is_no_alarm():
    """Sixty of ninety days: a warning, and nothing is late."""
    patient = WAITING.model_copy(update={"lead_time_days": 90})
    shown = chart(patient)

    assert shown.text == (
        "1 of 1 permission is still waiting, for 60 days on Security lead."
    )
    assert 'class="m warning"' in shown.html


def test_longest_wait_comes_first():
    """What is waited for longest is read first."""
    later = WAITING.model_copy(update={"asked_on": day("11-20"), "what": "Later"})
    shown = chart(later, WAITING)

    assert [row.split()[0] for row in rows_of(shown)] == ["Machine", "Later"]
    assert shown.text == (
        "2 of 2 permissions are still waiting, the longest for 60 days on Security lead; "
        "1 beyond the declared lead time."
    )


def test_granted_permission_says_since_when_and_until_when():
    """With the days that it took."""
    lasting = GRANTED.model_copy(update={"expires": dt.date(2027, 12, 31)})

    assert chart(GRANTED).text == "None of 1 permission is waiting."
    said = (
        "Machine Platform lead 3 August 2026 granted on 24 August 2026, after 21 days"
    )
    endless = GRANTED.model_copy(update={"expires": "never"})
    assert rows_of(chart(GRANTED, lasting, endless)) == [
        f"{said}; until when is not said",
        f"{said}; until 31 December 2027",
        f"{said}; for good",
    ]


def test_permission_that_lapses_before_the_target_date_is_a_warning():
    """It is granted today, and will not be when it is needed."""
    early = GRANTED.model_copy(update={"expires": day("12-31")})
    shown = chart(early)

    assert shown.text == (
        "None of 1 permission is waiting; 1 lapsing before the target date."
    )
    assert rows_of(shown) == [
        (
            "Machine Platform lead 3 August 2026 granted on 24 August 2026, after 21 days; "
            "lapses on 31 December 2026, 90 days before the target date"
        )
    ]
    assert bars(shown) == ["--a:0;--b:8.8;--e:62.5;--l:12.5;--z:62.5"]
    assert ("--e:50", "lapses") in swatches(shown)


def test_bar_of_what_was_never_asked_for_begins_with_its_grant():
    """And that of a refusal ends with it."""
    given = resource("given", grants="finance", granted_on=day("09-01"))
    refused = WAITING.model_copy(update={"refused_on": day("10-21")})
    shown = chart(GRANTED, refused, given)

    assert rows_of(shown)[2] == (
        "Machine Finance not asked granted on 1 September 2026; until when is not said"
    )
    assert bars(shown) == [
        "--a:24.6;--b:32.9;--l:37.1",
        "--a:0;--b:8.8;--l:12.5;--z:100",
        "--a:12.1;--b:12.1;--z:100",
    ]


def test_permission_that_has_expired_is_said():
    """A yes of the past is no yes."""
    shown = chart(GRANTED.model_copy(update={"expires": day("11-01")}))

    assert "1 expired" in shown.text
    assert "expired on 1 November 2026" in shown.html


def test_refused_permission_waits_no_longer():
    """A no is an answer: it stands first, and the bar ends on its day."""
    refused = WAITING.model_copy(update={"refused_on": day("10-21")})
    shown = chart(GRANTED, refused)

    assert shown.text == "None of 2 permissions is waiting; 1 refused."
    assert rows_of(shown)[0] == (
        "Machine Security lead 1 October 2026 refused on 21 October 2026"
    )


def test_permission_granted_after_a_refusal_is_granted():
    """The later answer counts."""
    granted = GRANTED.model_copy(update={"refused_on": day("08-10")})

    assert chart(granted).text == "None of 1 permission is waiting."


def test_permission_that_nobody_asked_for_says_how_long_it_takes():
    """A lead time that ends after the target date is said to."""
    unasked = resource("gpu", grants="platform-lead", lead_time_days=30)
    slow = unasked.model_copy(update={"lead_time_days": 200})

    bare = unasked.model_copy(update={"lead_time_days": None})
    last = unasked.model_copy(update={"lead_time_days": (TARGET - AS_OF).days})
    late = unasked.model_copy(update={"lead_time_days": (TARGET - AS_OF).days + 1})
    shown = chart(unasked, slow, bare, last, late, resource("tool"))
    head = "Machine Platform lead not asked not asked yet"

    assert rows_of(shown) == [
        f"{head}; takes 30 days",
        f"{head}; takes 200 days, past the target date",
        head,
        f"{head}; takes 121 days",
        f"{head}; takes 122 days, past the target date",
        "Machine nobody named not asked nobody to ask is named",
    ]
    assert shown.text == (
        "None of 5 permissions is waiting; 5 not asked for yet; 1 with nobody named to "
        "ask."
    )
    assert rows_of(chart(slow, target=None)) == [f"{head}; takes 200 days"]


def test_dates_after_the_as_of_date_have_not_happened():
    """A grant of next week leaves it waiting, a request of next week not asked."""
    granted = WAITING.model_copy(update={"granted_on": day("12-07")})
    asked = WAITING.model_copy(update={"asked_on": day("12-07")})

    assert "waiting for 60 days" in chart(granted).html
    assert "not asked yet" in chart(asked).html


def test_bar_repeats_the_dates_and_the_target_is_one_line():
    """From the first request to the target date, in per cent of that time."""
    shown = chart(GRANTED, WAITING)

    assert "From 3 August 2026 to 31 March 2027." in shown.html
    assert 'style="--a:0;--b:8.8;--l:12.5;--z:100"' in shown.html
    assert 'style="--a:24.6;--b:49.6;--l:37.1"' in shown.html
    assert 'style="--t:100"' in shown.html
    assert "target date, 31 March 2027" in words_of(shown.html)


def test_without_target_date_or_request_the_chart_says_so():
    """No line is drawn at a date that nobody declared."""
    shown = chart(WAITING, target=None)

    asked = "Nobody has set a target date."

    assert f"From 1 October 2026 to 30 November 2026. {asked}" in words_of(shown)
    assert [style for style, _ in swatches(shown)] == ["--b:100", "--l:50"]
    assert chart(resource("tool")).text == (
        "No permission was asked for; 1 with nobody named to ask."
    )


def test_nothing_declared_is_said():
    """An empty chart would look like no wait."""
    assert chart().text == "Nobody has said yet what must be permitted."


def test_texts_that_people_typed_are_escaped():
    """Neither a resource nor a role can bring markup into the page."""
    shown = chart(WAITING.model_copy(update={"what": "<b>x</b>"}))

    assert "<b>x" not in shown.html
