"""Each property of a contract is read, and what others wrote is left alone."""

import contextlib
import datetime as dt
import importlib.resources
import json

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from contracts import CONTRACT, FOREIGN, LATENCY, OLDER, TRAIN, changed, messages, read
from readybook.contract.form import near_form
from readybook.model.contract import Condition, Selection, Server, Tolerance
from readybook.model.errors import InvalidInputError


def by_the_standard(text):
    """What the standard's own schema says of a text.

    It wants a `map` of columns without a type; that slip is left out.
    """
    package = importlib.resources.files("open_data_contract_standard")
    schema = json.loads((package / "schema.json").read_text("utf-8"))
    data = json.loads(json.dumps(YAML(typ="safe", pure=True).load(text), default=str))
    errors = jsonschema.Draft201909Validator(schema).iter_errors(data)
    return [error.message for error in errors if "'map' is a" not in error.message]


# --- what is read ------------------------------------------------------------------


def test_our_properties_are_valid_by_the_standard():
    """Other tools can read a contract with all of our properties."""
    assert by_the_standard(CONTRACT) == []


def test_ranges_and_null_limits_are_read(tmp_path):
    """Limits of numbers and of missing values stand in the unit that was declared."""
    orders = read(CONTRACT, tmp_path).tables[0]
    number, price, shop = (orders.column(name) for name in ("id", "price", "shop_code"))

    assert (price.minimum, price.maximum) == (0, None)
    assert (price.above, price.below) == (None, 1000.5)
    assert number.nulls == Tolerance(limit=0)
    assert price.nulls == Tolerance(limit=25, unit="rows")
    assert shop.nulls == Tolerance(limit=0.01, allows_limit=False)
    assert orders.column("ordered_at").nulls is None


@pytest.mark.parametrize(
    ("rule", "limit"),
    [
        ("mustBe: 0", Tolerance(limit=0, unit="rows")),
        ("mustBe: 0.7, unit: Percent", Tolerance(limit=0.007)),
        ("mustBeLessThan: 5, unit: '%'", Tolerance(limit=0.05, allows_limit=False)),
        ("mustBeLessThan: 5, unit: rows",
         Tolerance(limit=5, unit="rows", allows_limit=False)),
        ("mustBe: '0'", None),
        ("mustBe: true", None),
        ("mustBeGreaterThan: 5", None),
        ("mustBeBetween: [1, 2]", None),
        ("mustBe: 0, unit: parts", None),
    ],
)  # fmt: skip
def test_null_limit_is_read_from_each_operator(rule, limit, tmp_path):
    """Operators with a limit from above count; what else is said is left alone."""
    text = changed(("mustBeLessOrEqualTo: 25", rule))

    assert read(text, tmp_path).tables[0].column("price").nulls == limit


def test_tolerance_of_invalid_values_is_read(tmp_path):
    """The standard's metric stands for values outside of the range and the categories."""
    text = changed(
        (
            "metric: nullValues, mustBeLessOrEqualTo: 25",
            "metric: invalidValues, mustBeLessThan: 0.1, unit: percent",
        )
    )
    price = read(text, tmp_path).tables[0].column("price")

    assert price.invalid == Tolerance(limit=0.001, allows_limit=False)
    assert price.nulls is None


def test_first_rule_on_nulls_with_a_limit_counts(tmp_path):
    """A rule that cannot be used does not hide the next one."""
    rule = "{metric: nullValues, mustBeLessOrEqualTo: 25}"
    text = changed((rule, "{metric: nullValues, mustNotBe: 7}\n          - " + rule))

    assert read(text, tmp_path).tables[0].column("price").nulls.limit == 25


def test_label_is_read(tmp_path):
    """The label, when it is known, how full and how late it may be."""
    orders = read(CONTRACT, tmp_path).tables[0]
    label = orders.column("returned")

    assert (label.label_known, label.label_fill) == ("settled_at", 0.95)
    assert label.label_delay == "P30D"
    assert [column.name for column in orders.columns if column.is_label] == ["returned"]


def test_label_known_follows_the_name_in_the_source(tmp_path):
    """A column may be named as the contract or as the source has it."""
    text = changed(("value: settled_at", "value: shop"))

    assert read(text, tmp_path).tables[0].column("returned").label_known == "shop_code"


def test_lineage_is_read(tmp_path):
    """Origin, sources, how it was made and definitions say where a column is from."""
    orders, archive = read(CONTRACT, tmp_path).tables
    price, returned = orders.column("price"), orders.column("returned")

    assert price.made_from == ("till.lines",)
    assert price.made_by == "Sum of the lines."
    assert price.definitions == ("https://example.org/price",)
    assert returned.origin == "desk of returns"
    assert orders.origin == "tills of the shops"
    assert [column.name for column in orders.columns if column.is_traced] == [
        "price", "returned",
    ]  # fmt: skip
    assert archive.origin is None


def test_definition_of_a_table_traces_no_column(tmp_path):
    """A page about a table does not say where a column is first recorded."""
    entry = "authoritativeDefinitions: [{url: 'https://example.org', type: glossary}]"
    text = changed(("  - name: archive\n", f"  - name: archive\n    {entry}\n"))

    assert not any(
        column.is_traced for column in read(text, tmp_path).tables[1].columns
    )


def test_train_and_live_are_read(tmp_path):
    """Ranges, values and several conditions become a selection of rows."""
    orders = read(CONTRACT, tmp_path).tables[0]
    first = Condition(column="ordered_at", at_least="2025-01-01", at_most="2025-09-30")
    later = Condition(column="ordered_at", at_least="2025-10-01")
    shops = Condition(column="shop_code", equals=("north", "south"))

    assert orders.train == Selection(conditions=(first,))
    assert orders.live == Selection(conditions=(later, shops))


@pytest.mark.parametrize(
    ("value", "selection"),
    [
        ("{table: archive}", Selection(table="archive")),
        ("{table: orders}", Selection()),
        ("{table: archive, column: year, to: 2020}",
         Selection(table="archive",
                   conditions=(Condition(column="year", at_most=2020),))),
        ("[{table: archive}, {column: year, equals: [2020, 2021.5]}]",
         Selection(table="archive",
                   conditions=(Condition(column="year", equals=(2020, 2021.5)),))),
        ("{column: returned, equals: [true]}",
         Selection(conditions=(Condition(column="returned", equals=(True,)),))),
        ("{column: shop, equals: [2025-01-01]}",
         Selection(conditions=(Condition(column="shop_code", equals=("2025-01-01",)),))),
        ("{column: settled_at, from: 2025-01-01}",
         Selection(conditions=(Condition(column="settled_at", at_least="2025-01-01"),))),
        ("{column: price, to: 1.5}",
         Selection(conditions=(Condition(column="price", at_most=1.5),))),
        ("{column: settled_at, equals: [2025-01-01]}",
         Selection(conditions=(Condition(column="settled_at", equals=("2025-01-01",)),))),
        ("{table: archive, column: note, equals: [2025-01-01, open]}",
         Selection(table="archive", conditions=(
             Condition(column="note", equals=("2025-01-01", "open")),))),
    ],
)  # fmt: skip
def test_selection_is_read_in_each_form(value, selection, tmp_path):
    """Another table, all its rows, numbers, texts, days and true or false are taken."""
    train = read(changed((TRAIN, value)), tmp_path).tables[0].train

    assert train == selection
    kinds = [
        type(value) for condition in train.conditions for value in condition.equals
    ]
    assert kinds == [
        type(value) for condition in selection.conditions for value in condition.equals
    ]


def test_expiry_of_a_table_counts_before_that_of_the_contract(tmp_path):
    """A date at the root stands for every table that has none of its own."""
    orders, archive = read(CONTRACT, tmp_path).tables

    assert orders.expires == dt.date(2026, 12, 31)
    assert archive.expires == dt.date(2027, 6, 30)

    text = changed(("readiness.expires, value: 2027-06-30",
                    "readiness.expires, value: never"))  # fmt: skip
    assert read(text, tmp_path).table("archive").expires == "never"


def test_servers_are_read_with_names_of_variables(tmp_path):
    """Where the data lies and which variables hold the credentials is declared."""
    assert read(CONTRACT, tmp_path).servers == (
        Server(
            server="warehouse", type="postgres", host="db.example.org", port=5432,
            database="shop", schema_name="sales", user_variable="SHOP_USER",
            password_variable="SHOP_PASSWORD",  # noqa: S106 - the variable's name
        ),
        Server(
            server="copy", type="duckdb", database="data/shop.duckdb", schema_name="main"
        ),
    )  # fmt: skip


def test_rules_of_sql_and_engines_are_counted(tmp_path):
    """Rules that are never run are counted in the table and in its columns."""
    assert [table.rules_not_run for table in read(CONTRACT, tmp_path).tables] == [2, 0]


@pytest.mark.parametrize(
    ("rule", "keys"),
    [
        ("mustBe: 0", (("id", "shop_code"),)),
        ("mustBeLessOrEqualTo: 0", (("id", "shop_code"),)),
        ("mustBeLessThan: 10", ()),
        ("mustBe: false", ()),
    ],
)
def test_rule_against_duplicates_is_a_key(rule, keys, tmp_path):
    """Columns that may have no duplicate are a key; a few allowed ones make none."""
    text = changed(("duplicateValues, mustBe: 0", f"duplicateValues, {rule}"))

    assert read(text, tmp_path).tables[0].keys == keys


def test_rule_against_duplicates_in_a_column_is_a_key(tmp_path):
    """The same rule on a column makes it a key of its own."""
    text = changed(
        (
            "{name: year, ",
            "{name: year, quality: [{metric: duplicateValues, mustBe: 0}], ",
        )
    )

    assert read(text, tmp_path).tables[1].keys == (("year",),)


# --- freshness ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "latency"),
    [
        ("value: 4, unit: d", "P4D"),
        ("value: 4, unit: Days", "P4D"),
        ("value: '4', unit: day", "P4D"),
        ("value: 1.5, unit: d", "PT36H"),
        ("value: 36, unit: h", "PT36H"),
        ("value: 0.5, unit: hours", "PT30M"),
        ("value: 15, unit: min", "PT15M"),
        ("value: 90, unit: s", "PT90S"),
        ("value: 0.2, unit: s", "PT1S"),
        ("value: 2, unit: w", "P2W"),
        ("value: 3, unit: months", "P3M"),
        ("value: 1, unit: y", "P1Y"),
        ("value: 1, unit: yr", "P1Y"),
        ("value: P1DT6H", "P1DT6H"),
    ],
)
def test_latency_is_read_in_each_unit(entry, latency, tmp_path):
    """A value and its unit become an ISO 8601 duration."""
    text = changed((LATENCY, f"{{property: latency, {entry}}}"))

    assert read(text, tmp_path).tables[0].latency == latency


@pytest.mark.parametrize(
    ("element", "found"),
    [
        ("orders", ["P2D", None]),
        ("orders_v2", ["P2D", None]),
        ("orders.ordered_at", ["P2D", None]),
        ("orders_v2.ordered_at", ["P2D", None]),
        ("'archive, orders.ordered_at'", ["P2D", "P2D"]),
        ("orders.settled_at", [None, None]),
        ("archive.year", [None, None]),
    ],
)
def test_latency_is_of_the_tables_that_are_named(element, found, tmp_path):
    """A table or its event time is meant; another column's age is another promise."""
    text = changed((LATENCY, LATENCY.replace("orders.ordered_at", element)))

    assert [table.latency for table in read(text, tmp_path).tables] == found


def test_latency_without_element_is_of_tables_with_events(tmp_path):
    """Nothing can be fresh where no time is declared."""
    text = changed((", element: orders.ordered_at", ""))

    assert [table.latency for table in read(text, tmp_path).tables] == ["P2D", None]


def test_default_element_stands_in_for_a_missing_one(tmp_path):
    """The element that older contracts declare once is used where none is named."""
    text = changed(
        (", element: orders.ordered_at", ""),
        ("slaProperties:", "slaDefaultElement: archive\nslaProperties:"),
    )

    assert [table.latency for table in read(text, tmp_path).tables] == [None, "P2D"]


def test_name_of_a_single_table_may_be_left_out(tmp_path):
    """With one table an element may be the column alone."""
    text = CONTRACT.partition("  - name: archive\n")[0]
    text = changed(("orders.ordered_at}", "ordered_at}"), text=text)

    assert read(text, tmp_path).tables[0].latency == "P2D"


@pytest.mark.parametrize(
    ("entries", "latency"),
    [
        (["{property: freshness, value: 1, unit: h}"], "PT1H"),
        (["{property: Freshness, value: 1, unit: h}",
          "{property: LY, value: 9, unit: d}"], "P9D"),
        (["{property: latency, value: 9, unit: d}",
          "{property: latency, value: 1, unit: d, element: orders}"], "P1D"),
        (["{property: latency, value: 3, unit: d, element: orders}",
          "{property: latency, value: 1, unit: d, element: orders}"], "P3D"),
        (["{property: retention, value: 3, unit: d}"], None),
    ],
)  # fmt: skip
def test_latency_counts_before_freshness(entries, latency, tmp_path):
    """Latency goes first, and what names the table before what is said of all."""
    text = changed((LATENCY, "\n  - ".join(entries)))

    assert read(text, tmp_path).tables[0].latency == latency


# --- fingerprints ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "moved"),
    [
        ("id: returns", "id: sales", [False, False]),
        ("value: 3, unit: y", "value: 4, unit: y", [False, False]),
        ("type: duckdb,", "type: duckdb, description: a copy,", [False, False]),
        ("host: db.example.org", "host: db2.example.org", [True, True]),
        ("SHOP_USER", "SHOP_READER", [True, True]),
        ("data/shop", "data/shops", [True, True]),
        ("value: 2, unit: d", "value: 3, unit: d", [True, False]),
        ("2027-06-30", "2028-06-30", [False, True]),
        ("'2026-12-31'", "'2026-12-30'", [True, False]),
        ("'2025-09-30'", "'2025-08-31'", [True, False]),
        ("[north, south]", "[north]", [True, False]),
        ("minimum: 0", "minimum: 1", [True, False]),
        ("0.95", "0.9", [True, False]),
        ("{name: year,", "{name: year, physicalName: yr,", [False, True]),
    ],
)
def test_fingerprint_of_a_table_follows_what_measurements_rest_on(
    old, new, moved, tmp_path
):
    """What changes a measurement of a table changes its fingerprint, and little else."""
    pairs = zip(
        read(CONTRACT, tmp_path).tables,
        read(changed((old, new)), tmp_path).tables,
        strict=True,
    )

    assert [before.declared != after.declared for before, after in pairs] == moved


@pytest.mark.parametrize(
    ("where", "entry"),
    [
        (TRAIN, "{table: archive}"),
        ("{name: id, ", "{name: id, relationships: [{to: archive.year}], "),
    ],
)
def test_fingerprint_follows_the_tables_that_are_used(where, entry, tmp_path):
    """Rows taken from, or joined with, another table rest on its declaration too."""
    text = changed((where, entry))
    before = read(text, tmp_path).tables[0]
    after = read(changed(("{name: note}", "{name: memo}"), text=text), tmp_path).tables[
        0
    ]

    assert before.declared != after.declared


# --- contracts of others -----------------------------------------------------------


def test_contract_for_other_tools_opens_unchanged(tmp_path):
    """What other tools wrote is read as far as it is understood, the rest is left."""
    model = read(FOREIGN, tmp_path)
    payments = model.tables[0]

    assert by_the_standard(FOREIGN) == []
    assert [(server.type, server.port) for server in model.servers] == [
        ("postgresql", None), ("trino", 8443), ("bigquery", None), ("snowflake", None),
        ("databricks", None), ("s3", None), ("kafka", None), ("oracle", 1521),
        ("custom", None),
    ]  # fmt: skip
    bigquery, snowflake, databricks = model.servers[2:5]
    assert (bigquery.project, bigquery.schema_name) == ("p", "d")
    assert (snowflake.account, snowflake.warehouse, snowflake.host) == ("a", "w", None)
    assert (databricks.catalog, databricks.schema_name) == ("c", "s")
    assert payments.keys == (("id",),)
    assert payments.relationships == ()
    assert (payments.latency, payments.expires, payments.rules_not_run) == (
        None,
        None,
        4,
    )
    assert all(column.nulls is None for column in payments.columns)
    assert not any(column.is_traced for column in payments.columns)


def test_reference_to_a_missing_table_is_told_in_our_contracts(tmp_path):
    """With one property of ours a contract is written for us, and slips are told."""
    entry = "[{property: refRulesetName, value: gcsc, vendor: soda}]"
    ours = "- {property: readiness.expires, value: 2030-01-01}"
    text = FOREIGN.replace("\n  - {property: refRulesetName, value: gcsc, vendor: soda}",
                           f"\n  {ours}")  # fmt: skip
    told = [line.partition(" ")[2].partition(": found")[0]
            for line in messages(text, tmp_path)]  # fmt: skip

    assert entry not in text
    assert told == [
        "slaDefaultElement", "slaProperties[0].element", "slaProperties[1].value",
        "slaProperties[2].value", "slaProperties[3].unit",
        "schema[0].relationships[0].to", "schema[0].properties[3].relationships[0].to",
    ]  # fmt: skip


def test_contract_of_version_3_0_is_read(tmp_path):
    """What the standard allowed then is taken: flags at limits, rules by `rule`."""
    first, second = read(OLDER, tmp_path).tables[0].columns

    assert by_the_standard(OLDER)
    assert (first.minimum, first.above, first.maximum) == (None, 0, 9)
    assert first.nulls == Tolerance(limit=0, unit="rows")
    assert second.minimum is None


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("logicalType: integer", "logicalTyp: integer", "did you mean 'logicalType'?"),
        ("status: active", "stattus: active", "did you mean 'status'?"),
        ("apiVersion: v3.0.2", "apiVersion: v3.1.0", "expected"),
    ],
)
def test_slip_in_a_contract_of_version_3_0_is_told(old, new, told, tmp_path):
    """Leaving older forms alone does not let slips pass in what is used."""
    assert told in "\n".join(messages(changed((old, new), text=OLDER), tmp_path))


ODD = st.sampled_from([None, True, 3, -1.5, 1e300, "", " ", "x.y", "P1D", "2025-01-01",
                       [], [[]], [None], {}, {"table": "orders"}, {"column": "id"},
                       [{"equals": [None]}], {"property": "readiness.live", "value": 1}])  # fmt: skip


@pytest.mark.slow
@settings(max_examples=settings.default.max_examples // 3)  # each reads much
@given(
    st.sampled_from([CONTRACT, FOREIGN, OLDER]),
    st.lists(st.integers(0, 30), min_size=1, max_size=9),
    ODD,
)
def test_no_change_of_a_contract_ends_in_a_traceback(
    tmp_path_factory, text, steps, odd
):
    """Whatever stands at any place, the contract is read or its problems are told."""
    data = json.loads(json.dumps(YAML(typ="safe", pure=True).load(text), default=str))
    place, key = data, None
    for step in steps:
        inner = place if key is None else place[key]
        if not isinstance(inner, dict | list) or not inner:
            break
        place = inner
        key = [*(place if isinstance(place, dict) else range(len(place)))][
            step % len(place)
        ]
    place[key] = odd
    with contextlib.suppress(InvalidInputError):
        read(json.dumps(data), tmp_path_factory.getbasetemp())


@pytest.mark.parametrize(
    "old", ["readiness.eventTime", "readiness.labelDelay", "readiness.userVariable"]
)
def test_manual_names_every_property(old, tmp_path, root):
    """Each property that a refusal offers is explained above the worked example."""
    manual = (root / "templates" / "flight-delays" / "data.odcs.yaml").read_text(
        "utf-8"
    )
    unlike_any = "readiness." + "z" * 40
    (message,) = messages(changed((old, unlike_any)), tmp_path)
    offered = message.partition("use one of: ")[2].split(", ")

    assert old in offered
    assert [name for name in offered if name not in manual.partition("\napi")[0]] == []


@pytest.mark.parametrize(
    ("form", "near"),
    [
        ("TT.MM.JJJJ", "dd.MM.yyyy"),
        ("DD.MM.YYYY", "dd.MM.yyyy"),
        ("dd.mm.yyyy", "dd.MM.yyyy"),
        ("JJ/MM/AAAA", "dd/MM/yyyy"),
        ("%d.%m.%Y", "dd.MM.yyyy"),
        ("YYYY-MM-DDTHH:MM:SS", "yyyy-MM-dd'T'HH:mm:ss"),
        ("by day", None),
    ],
)
def test_form_of_dates_in_other_letters_is_told_with_the_one_that_is_meant(
    form, near, tmp_path
):
    """Ours is refused; the standard's may be another tool's, and is kept to be told."""
    text = changed(
        ("readiness.labelDelay, value: P30D", f"readiness.writtenAs, value: '{form}'")
    )
    (told,) = messages(text, tmp_path)
    assert told.endswith(f"do: did you mean '{near}'?" if near else "or epoch seconds")

    theirs = changed(("format: yyyy-MM-dd", f"format: '{form}'"), text=FOREIGN)
    (column,) = [one for table in read(theirs, tmp_path).tables
                 for one in table.columns if one.name == "day"]  # fmt: skip
    assert (column.written_as, column.unread_form) == (None, form)
    assert near_form(form) == near
