"""Tables of what was looked at and found: the loudest first, many quiet ones folded."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from markupsafe import Markup

from flight_case import (
    DATA_MODEL,
    data_findings,
    finding,
    flight_assessment,
    flight_bank,
)
from readybook import __version__
from readybook.checks.findings import collect_findings
from readybook.model.case import Signature
from readybook.show import evidence
from readybook.show.evidence import (
    findings_table,
    join_table,
    method_and_provenance,
    register_findings,
)
from readybook.show.kit.fragment import explained
from shown import case_of, case_with, facts_of, notes_of, rows_of, words_of

BANK = flight_bank()
FINDINGS = collect_findings(flight_assessment())


def told(findings, *checks, edition="team"):
    """The table of these findings."""
    case = case_of(flight_assessment(), BANK, evidence=findings, edition=edition)
    return findings_table(case, *checks)


def many(check, number, outcome="supports"):
    """So many findings of one check."""
    return [finding(check, f"t.c{at}", outcome, f"Of t.c{at}.") for at in range(number)]


def test_findings_come_loudest_first_with_outcome_in_words():
    """Contradicted, not measured, then supported."""
    rows = rows_of(told(FINDINGS))
    outcomes = [
        next(w for w in ("Contradicted", "Not measured", "Supported") if w in row)
        for row in rows
    ]

    assert outcomes == sorted(
        outcomes, key=("Contradicted", "Not measured", "Supported").index
    )
    assert "181 days 730 days" in " ".join(rows)


def test_findings_of_other_checks_are_left_out():
    """A chapter shows its own checks."""
    shown = told(FINDINGS, "history-span")

    assert rows_of(shown) == [
        (
            "flights Contradicted flights holds 181 days of history; 730 are needed. Needed "
            "according to data.odcs.yaml: flights.historyNeeded 181 days 730 days"
        )
    ]


@pytest.mark.parametrize(
    ("checks", "caption"),
    [
        (("keys-unique",), "Declared keys are unique"),
        (
            ("keys-unique", "my-own", "joins-match"),
            "Declared keys are unique; my-own; Tables join",
        ),
        (("keys-unique", "my-own", "joins-match", "x"), "What was measured"),
        ((), "What was measured"),
    ],
)
def test_table_is_named_by_its_checks_where_they_are_few(checks, caption):
    """Three titles are a caption, four are none."""
    assert told((), *checks).text == f"{caption}: nothing was measured yet."


def test_table_has_caption_and_scoped_headers():
    """A screen reader knows what each cell belongs to."""
    html = told(data_findings()).html

    assert "<caption>What was measured</caption>" in html
    assert html.count('scope="col"') == 5
    assert html.count('scope="row"') == len(data_findings())


def test_one_date_is_told_once_and_several_in_their_rows():
    """A date in a row only where that differs from the others'."""
    later = data_findings()[0].model_copy(update={"measured_on": dt.date(2026, 11, 24)})

    assert notes_of(told(data_findings())) == ["Measured on 23 November 2026."]
    shown = told([*data_findings(), later]).html
    assert "Measured on 23 November 2026, where no other day is named." in shown
    assert shown.count("Measured on 24 November 2026<") == 1


def test_threshold_says_who_set_it_without_repeating_the_subject():
    """The key; field and file are known where the row stands."""
    bad = finding(
        "values-in-range",
        "t.c",
        "contradicts",
        "Bad.",
        threshold=0,
        threshold_source="data.odcs.yaml: t.c",
    )

    shown = told([bad, *data_findings()]).html

    assert "Needed according to data.odcs.yaml<" not in shown
    assert "Needed according to data.odcs.yaml: flights.historyNeeded" in shown


def test_many_supported_and_unmeasured_findings_are_folded_by_check():
    """One sentence stands for what was found alike, with every subject named."""
    bad = finding("keys-unique", "t.k", "contradicts", "Bad key.")
    lost = many("nulls-tolerated", 3, "not measured")

    shown = told([*many("types-match", 9), *lost, bad])

    assert rows_of(shown) == ["t.k Contradicted Bad key."]
    likewise = ", ".join(f"t.c{at}" for at in range(1, 9))
    assert words_of(shown).partition("23 November 2026. ")[2] == (
        f"9 were measured and supported Of t.c0. Likewise: {likewise}. "
        "3 could not be measured Of t.c0. Of t.c1. Of t.c2."
    )
    assert shown.text == (
        "What was measured: of 13 findings, 1 contradicted, 3 not measured, 9 supported"
    )
    assert "<details" not in told([*many("types-match", 7), bad]).html


@pytest.mark.parametrize(
    ("value", "unit", "cell"),
    [
        (None, None, ""),
        (3, None, "3"),
        (3, "rows", "3 rows"),
        (0.25, "share of rows", "25 % of rows"),
        (3, "rows a day", '3<br><span class="who">rows a day</span>'),
    ],
)
def test_unit_of_several_words_stands_below_its_number(value, unit, cell):
    """It would make the column wide; that of a share is part of the number."""
    one = finding("types-match", "t.c", "supports", "It fits.", value=value, unit=unit)

    assert f'<td class="n">{cell}</td>' in told([one]).html


def test_leadership_reads_how_many_were_supported():
    """The team's edition lists them."""
    shown = told(many("types-match", 9), edition="leadership")

    assert "9 were measured and supported." in shown.html
    assert "Likewise" not in shown.html


def test_many_findings_without_a_contradiction_say_so():
    """Silence above the folds would look like a gap."""
    shown = told(many("types-match", 9))

    assert words_of(shown).startswith(
        "Nothing that was measured contradicts a claim. 9 were measured and supported "
    )
    assert "could not be measured" not in shown.html


def test_joins_and_keys_are_counted_in_the_caption():
    """Title, then contradictions, then what nobody tested."""
    bad = data_findings()[-1]
    table = DATA_MODEL.tables[0].model_copy(update={"keys": (("origin", "tailnum"),)})
    model = DATA_MODEL.model_copy(update={"tables": (table,)})

    shown = join_table(
        case_of(
            flight_assessment(data_model=model),
            BANK,
            evidence=[bad, *many("keys-unique", 2)],
        )
    )

    assert shown.text == (
        "2 keys unique; 1 of 1 join leaving rows without partner; 1 untested"
    )
    assert rows_of(shown) == [
        (
            "flights.tailnum -&gt; planes.tailnum Contradicted 15.0 % of tail numbers find "
            "no aircraft. 15 % of rows"
        ),
        "t.c0 Supported Of t.c0.",
        "t.c1 Supported Of t.c1.",
        "flights.origin+tailnum Untested",
    ]
    unseen = join_table(case_of(flight_assessment(data_model=model), BANK, evidence=()))
    assert unseen.text == "2 untested"
    assert rows_of(unseen) == [
        "flights.origin+tailnum Untested",
        "flights.tailnum -&gt; planes.tailnum Untested",
    ]
    failing = many("keys-unique", 2, "contradicts")
    holding = many("joins-match", 1)
    shown = join_table(
        case_of(flight_assessment(), BANK, evidence=[*failing, *holding])
    )
    assert shown.text == "2 of 2 keys not unique; 1 join complete; 1 untested"


def test_register_is_judged_in_words_and_by_no_key_of_a_file():
    """Which key says so is told where the checks are listed."""
    found = finding("owners-single", "flights", "supports", "One role.")
    (row,) = rows_of(register_findings(case_with([found])))

    assert row == "One accountable role each exactly one Supported 1 of 1"


def test_undeclared_keys_and_joins_are_said():
    """The file to declare them in is named."""
    bare = case_of(flight_assessment(data_model=None), BANK, evidence=())

    assert join_table(bare).text == (
        "Nobody has said yet what tells one row from another, and what joins tables."
    )


def test_messages_are_escaped():
    """No message can bring markup into the page."""
    hostile = "<script>alert(1)</script>"
    found = [f.model_copy(update={"message": hostile}) for f in data_findings()]

    for shown in (told(found), told(found * 3)):
        assert hostile not in shown.html
        assert "&lt;script" in shown.html


def test_evidence_names_what_could_not_be_opened_and_why():
    """A source that failed stays in the list."""
    rows = rows_of(evidence.evidence_table(case_of(flight_assessment(), BANK)))

    assert rows == [
        "flights opened 336,776 rows duckdb 1.5.5 23 November 2026",
        "planes not opened planes.parquet is missing duckdb 1.5.5 23 November 2026",
        "training-node probed 2 of 2 facts read readybook 0.1.0 24 November 2026",
    ]
    nothing = evidence.evidence_table(
        case_of(flight_assessment(data=None, probes={}), BANK)
    )
    assert nothing.text == "No source was opened and no machine was probed yet."


def test_rules_of_the_contract_that_were_not_run_are_counted():
    """SQL in a contract is never run, and the reader is told so."""
    table = DATA_MODEL.tables[0].model_copy(update={"rules_not_run": 2})
    one = table.model_copy(update={"name": "weather", "rules_not_run": 1})
    model = DATA_MODEL.model_copy(update={"tables": (table, one)})

    single = DATA_MODEL.model_copy(update={"tables": (one, DATA_MODEL.tables[0])})

    def said(model):
        case = case_of(flight_assessment(data_model=model), BANK)
        return notes_of(evidence.evidence_table(case))

    asked = "nothing but what is measured here is asked of a source."
    assert said(model) == [
        (
            "3 quality rules in SQL are in the contract and were not run (flights 2, "
            f"weather 1): {asked}"
        )
    ]
    assert said(single) == [
        f"1 quality rule in SQL is in the contract and was not run (weather 1): {asked}"
    ]
    assert said(DATA_MODEL) == said(None) == []


# --- how the report came about -------------------------------------------------------


def test_provenance_names_bank_inputs_evidence_and_version():
    """Everything that a sceptic needs to make it again; fingerprints are short."""
    shown = method_and_provenance(case_of(flight_assessment(), BANK))
    day, with_ = "30 November 2026", "with readybook 0.1.0"

    assert shown.text == (
        f"Bank flight-bank 1.0.0, as of {day}, readybook {__version__}."
    )
    assert facts_of(shown) == [
        ("Judged as of", day),
        ("Question bank", "Flight bank: flight-bank 1.0.0, sha256:0123456789ab"),
        ("Inputs", "flight-case , sha256:fedcba987654"),
        ("Evidence “data”", f"measured on 23 November 2026 {with_}"),
        ("Evidence “training-node”", f"measured on 24 November 2026 {with_}"),
        ("Made with", f"readybook {__version__}"),
        (
            "To repeat it",
            (
                "readybook report flight-case --as-of 2026-11-30 ; the same inputs give the "
                "same bytes."
            ),
        ),
    ]


@pytest.mark.parametrize(
    ("signature", "said"),
    [
        (
            {"role": "security", "team": "Platform"},
            "signed by Security lead (Platform)",
        ),
        ({"role": "security"}, "signed by Security lead"),
        ({"why": "no key of that name"}, "signature not verified: no key of that name"),
    ],
)
def test_evidence_names_whose_key_signed_it(signature, said):
    """Or why nobody can tell; a file without a signature says nothing of one."""
    signed = flight_assessment(signatures={"data": Signature(**signature)})
    told = facts_of(method_and_provenance(case_of(signed, BANK)))

    assert [words.partition("; ")[2] for label, words in told if "Evid" in label] == [
        said,
        "",
    ]


def test_provenance_without_measurement_says_so():
    """No evidence is a fact about the report."""
    case = case_of(flight_assessment(data=None, probes={}), BANK)

    assert ("Evidence", "nothing was measured") in facts_of(method_and_provenance(case))


def sql(one):
    """SQL of a finding, as hostile as what it names."""
    return f"SELECT '<b>{one.subject}</b>'\nFROM \"a\";" if one.check == "a" else ""


def with_sql(*findings, edition="team", made=sql):
    """The table of findings that can be counted again."""
    case = case_of(
        flight_assessment(), BANK, evidence=findings, edition=edition, sql=made
    )
    return findings_table(case)


def test_finding_has_its_sql_beside_it_for_the_team():
    """Folded, escaped, as it is run; with the command that prints the place as well."""
    html = with_sql(
        finding("a", "t.it's\nso", "contradicts", "It fails."),
        finding("b", "t", "contradicts", "It fails, too."),
    ).html
    (block,) = re.findall(r'<details class="code">(.*?)</details>', html, re.DOTALL)

    assert html.count("<details") == 1
    assert "<summary>SQL that counts it again</summary>" in block
    name = flight_assessment().name
    subject = "&#39;t.it&#39;&#34;&#39;&#34;&#39;s so&#39;"
    assert (
        f"-- with where the rows lie: readybook explain {name} a {subject}\n" in block
    )
    assert (
        "SELECT &#39;&lt;b&gt;t.it&#39;s\nso&lt;/b&gt;&#39;\nFROM &#34;a&#34;;" in block
    )


def test_findings_that_are_folded_have_their_sql_with_the_first_of_a_kind():
    """Of twenty that are alike one; the command prints that of the others."""
    html = with_sql(*many("a", 20)).html

    assert html.count('<details class="code">') == 1


def test_sql_is_for_the_team_alone():
    """What leadership reads costs no making of it, and shows none."""

    def never(_):
        raise AssertionError

    found = finding("a", "t", "contradicts", "It fails.")
    assert "<details" not in with_sql(found, edition="leadership", made=never).html
    with pytest.raises(AssertionError):
        with_sql(found, made=never)


def test_terms_are_explained_in_no_code():
    """What is copied and run is not talked into."""
    said = Markup("PSI <pre>SELECT psi; -- PSI</pre> PSI")

    assert "<pre>SELECT psi; -- PSI</pre>" in explained(said, set())
    assert explained(said, set()) != said
