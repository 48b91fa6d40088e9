"""Each wrong value of a contract is told with its place, and no secret is repeated."""

import pytest

from contracts import LATENCY, TRAIN, changed, messages, read

AT_TRAIN = "30: schema[0].customProperties[1].value"
ROWS = "rows such as {column: NAME, from: 1, to: 9}"
KEYS = "keys such as {column: NAME, from: 1, to: 9}"


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("all", f": found the text 'all', expected {ROWS}, do: write {ROWS}"),
        ("[]", f": found an empty list, expected {ROWS}, do: write {ROWS}"),
        ("[all]", f"[0]: found the text 'all', expected {KEYS}, do: write {KEYS}"),
        ("[{}]", f"[0]: found no keys, expected {KEYS}, do: write {KEYS}"),
        ("{culumn: id, from: 1}", (".culumn: found an unknown key, expected one of column, "
         "from, to, equals, table, do: did you mean 'column'?")),
        ("{from: 1}", (".column: found no such key, expected the name of a column, "
         "do: add 'column: ...'")),
        ("{table: archive, from: 1}", (".column: found no such key, expected the name of "
         "a column, do: add 'column: ...'")),
        ("{column: 3, from: 1}", (".column: found the number 3, expected the name of a "
         "column, do: write its name")),
        ("{column: pric, from: 1}", (".column: found 'pric', expected a column of "
         "'orders', do: did you mean 'price'?")),
        ("{table: archive, column: yer, to: 1}", (".column: found 'yer', expected a "
         "column of 'archive', do: did you mean 'year'?")),
        ("{table: arkive}", (".table: found 'arkive', expected a table of this contract, "
         "do: did you mean 'archive'?")),
        ("{table: 3}", (".table: found the number 3, expected the name of a table, "
         "do: write its name")),
        ("[{table: archive}, {table: orders}]", ("[1].table: found the table 'orders' "
         "beside 'archive', expected rows of one table, do: name one of them")),
        ("{column: id}", (": found neither range nor values, expected a range or values, "
         "do: add from and to, or equals: [...]")),
        ("{column: id, from: 1, equals: [2]}", (": found from or to beside equals, "
         "expected a range or values, do: keep one of them")),
        ("{column: id, from: 9, to: 1}", (".to: found the number 1, which is before "
         "'from', expected the end of the range, "
         "do: exchange the two, or correct one of them")),
        ("{column: ordered_at, from: 2025-02-01, to: 2025-01-31}", (".to: found the text "
         "'2025-01-31', which is before 'from', expected the end of the range, "
         "do: exchange the two, or correct one of them")),
        ("{column: id, from: '1'}", (".from: found the text '1', expected a number, "
         "do: remove the quotes: 1")),
        ("{column: id, from: null}", (".from: found nothing, expected a number, "
         "do: write a number")),
        ("{column: ordered_at, from: 2025-01-01T08:00:00Z}", (".from: found the text "
         "'2025-01-01T08:00:00Z', expected a date such as 2026-12-31, "
         "do: leave out the time of day")),
        ("{column: ordered_at, from: '2025-02-30'}", (".from: found the text "
         "'2025-02-30', expected a date such as 2026-12-31, "
         "do: write a date such as 2026-12-31")),
        ("{column: shop, from: a, to: b}", None),
        ("{column: returned, from: true}", (".from: found a range of a column of the "
         "type boolean, expected values, do: write equals: [...] instead of from and to")),
        ("{column: shop, equals: [7]}", (".equals[0]: found the number 7, expected text, "
         'do: put it in quotes: "7"')),
        ("{column: shop, equals: [true]}", (".equals[0]: found the yes/no value true, "
         'expected text, do: put it in quotes: "true"')),
        ("{column: shop, equals: ['']}", (".equals[0]: found the text '', expected text, "
         "do: write text")),
        ("{column: returned, equals: ['true']}", (".equals[0]: found the text 'true', "
         "expected true or false, do: write true or false")),
        ("{column: shop, equals: north}", (".equals: found the text 'north', expected a "
         "list of values, do: write it as a list: [...]")),
        ("{column: shop, equals: []}", (".equals: found an empty list, expected a list of "
         "values, do: write it as a list: [...]")),
        ("{column: tags, equals: [a]}", (".equals: found a column of the type array, "
         "expected a column of numbers, dates, texts or true and false, "
         "do: choose the rows by another column")),
        ("{table: archive, column: note, equals: [1, a]}", (".equals[1]: found the text "
         "'a', expected a number, do: write a number")),
        ("{table: archive, column: note, from: 1, to: 2025-01-01}", (".to: found the "
         "text '2025-01-01', expected a number, do: write a number")),
        ("{table: archive, column: note, from: a}", (".from: found the text 'a', expected "
         "a number or a date such as 2026-12-31, "
         "do: write a number or a date such as 2026-12-31")),
    ],
)  # fmt: skip
def test_selection_that_is_none_is_refused(value, told, tmp_path):
    """Each slip in train or live is told at its key."""
    expected = [f"{AT_TRAIN}{told}"]
    if told is None:  # both ends of a range
        expected = [
            f"{AT_TRAIN}.{key}: found a range of a column of the type string, expected "
            "values, do: write equals: [...] instead of from and to"
            for key in ("from", "to")
        ]

    assert messages(changed((TRAIN, value)), tmp_path) == expected


LABEL = "{property: readiness.label, value: true}"
AT_LABEL = "schema[0].properties[4].customProperties"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (LABEL, "{property: readiness.label, value: yes}",
         [(f"57: {AT_LABEL}[0].value: found the text 'yes', expected true or false, "
          "do: write true or false")]),
        ("settled_at}\n", "setled_at}\n",
         [(f"58: {AT_LABEL}[1].value: found 'setled_at', expected a column of 'orders', "
          "do: did you mean 'settled_at'?")]),
        ("0.95", "95",
         [(f"59: {AT_LABEL}[2].value: found the number 95, expected a share from 0 to 1, "
          "do: write a share from 0 to 1")]),
        ("P30D", "30 days",
         [(f"60: {AT_LABEL}[3].value: found the text '30 days', expected an ISO 8601 "
          "duration such as P1D, P2Y or PT1H, "
          "do: write an ISO 8601 duration such as P1D, P2Y or PT1H")]),
        ("desk of returns", "' '",
         [f"61: {AT_LABEL}[4].value: found the text '', expected text, do: write text"]),
        (LABEL, "{property: readiness.label, value: false}",
         [f"{58 + at}: {AT_LABEL}[{at + 1}].property: found 'readiness.{name}' on a "
          "column that is no label, expected it beside readiness.label: true, "
          "do: add readiness.label, or move it to the label"
          for at, name in enumerate(("labelKnown", "labelFill", "labelDelay"))]),
        ("{name: settled_at, logicalType: date}",
         "{name: settled_at, customProperties: [" + LABEL + "]}",
         [("62: schema[0].properties[5].customProperties[0].value: found a second label "
          "(the first: returned), expected at most one label in a table, "
          "do: keep one of them, or split the table")]),
        ("2027-06-30", "next year",
         [("6: customProperties[0].value: found the text 'next year', expected a date "
          "such as 2026-12-31, or never, do: write a date such as 2026-12-31, or "
          "never")]),
        ("2027-06-30", "2027-06-31",
         [("6: customProperties[0].value: found the impossible date 2027-06-31, expected "
          "a date of the calendar, do: correct the day")]),
        ("'2026-12-31'", "'2026-12-32'",
         [("32: schema[0].customProperties[3].value: found the text '2026-12-32', "
          "expected a date such as 2026-12-31, or never, "
          "do: write a date such as 2026-12-31, or never")]),
        ("minimum: 0", "minimum: 2000",
         [("45: schema[0].properties[3].logicalTypeOptions: found the smallest value "
          "2000 above the largest 1000.5, expected a range that has values, "
          "do: exchange the limits, or correct one of them")]),
        ("minimum: 0, exclusiveMaximum: 1000.5",
         "minimum: 4, exclusiveMinimum: 7, maximum: 5.5, exclusiveMaximum: 9",
         [("45: schema[0].properties[3].logicalTypeOptions: found the smallest value "
          "7 above the largest 5.5, expected a range that has values, "
          "do: exchange the limits, or correct one of them")]),
        ("name: archive", "name: true",
         [("64: schema[1].name: found the yes/no value true, expected text, "
          'do: put it in quotes: "true"')]),
        ("name: archive", "name: 2025",
         [("64: schema[1].name: found the number 2025, expected text, "
          'do: put it in quotes: "2025"')]),
        ("mustBeLessOrEqualTo: 25", "mustBeLessOrEqualTo: -1",
         [("53: schema[0].properties[3].quality[1].mustBeLessOrEqualTo: found the number "
          "-1, expected a number of at least 0, "
          "do: write how many values may be so")]),
        ("mustBeLessOrEqualTo: 25", "mustBeLesOrEqualTo: 25",
         [("53: schema[0].properties[3].quality[1].mustBeLesOrEqualTo: found an unknown "
          "key, expected a key of the standard, do: did you mean 'mustBeLessOrEqualTo'?")]),
        ("mustBeLessOrEqualTo: 25", "mustBeLessOrEqualTo: '2,5'",
         [("53: schema[0].properties[3].quality[1].mustBeLessOrEqualTo: found the text "
          "'2,5', expected a number, do: write digits and a decimal point: 2.5")]),
        ("mustBeLessOrEqualTo: 25", "mustBeLessOrEqualTo: 25, unit: procent",
         [("53: schema[0].properties[3].quality[1].unit: found the text 'procent', expected "
          "rows or percent, do: did you mean 'percent'?")]),
        ("[id, shop]", "[id, shp]",
         [("27: schema[0].quality[2].arguments.properties: found 'shp', expected a column "
          "of 'orders', do: did you mean 'shop'?")]),
        ("readiness.expires, value: 2027-06-30", "readiness.train, value: {table: orders}",
         [("6: customProperties[0].property: found 'readiness.train', expected this "
          "property in a table, do: move it to the table")]),
        ("readiness.labelDelay", "readiness.expires",
         [(f"60: {AT_LABEL}[3].property: found 'readiness.expires', expected this "
          "property in a table or a contract, do: move it to the table or the contract")]),
    ],
)  # fmt: skip
def test_wrong_value_is_told_with_its_place(old, new, told, tmp_path):
    """Each wrong value is one problem: where, found, expected, what to do."""
    assert messages(changed((old, new)), tmp_path) == told


@pytest.mark.parametrize(
    "where",
    ["description: {customProperties: [ENTRY]}",
     "team: {members: [{username: owner, customProperties: [ENTRY]}]}",
     "roles: [{role: reader, customProperties: [ENTRY]}]"],
)  # fmt: skip
def test_property_that_would_never_be_read_is_refused(where, tmp_path):
    """What stands where nothing is looked up would be lost without a word."""
    entry = "{property: readiness.expires, value: 2027-01-01}"
    text = changed(("version: 1.0.0\n", f"version: 1.0.0\n{where}\n"))
    known, unknown = (
        messages(text.replace("ENTRY", one), tmp_path)
        for one in (entry, entry.replace("expires", "expirs"))
    )

    assert len(known) == len(unknown) == 1
    assert known[0].endswith("do: move it to the table or the contract")
    assert unknown[0].endswith(
        "found 'readiness.expirs', expected a readiness property, "
        "do: did you mean 'readiness.expires'?"
    )


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ("value: 2, unit: dys", ("unit: found the text 'dys', expected a unit of time, "
         "do: did you mean 'days'?")),
        ("value: 2, unit: m", ("unit: found the text 'm', expected a unit of time, "
         "do: use one of: y, mo, w, d, h, min, s")),
        ("value: 2", ("unit: found no such key, expected a unit such as d or h, "
         "do: add 'unit: d'")),
        ("value: 0, unit: d", ("value: found the number 0, expected a number above 0, "
         "with a unit such as d or h, do: write a number above 0, with a unit such as d "
         "or h")),
        ("value: true, unit: d", ("value: found the yes/no value true, expected a number "
         "above 0, with a unit such as d or h, do: write a number above 0, with a unit "
         "such as d or h")),
        ("value: soon, unit: d", ("value: found the text 'soon', expected a number above "
         "0, with a unit such as d or h, do: write a number above 0, with a unit such "
         "as d or h")),
        ("value: 0.5, unit: y", ("value: found the number 0.5, expected a whole number of "
         "years or months, do: write a whole number of years or months, or take a "
         "smaller unit")),
        ("value: 2, unit: d, element: orderz", ("element: found 'orderz', expected a "
         "table of this contract, or its event time, do: did you mean 'orders'?")),
        ("value: 2, unit: d, element: orders.ordred_at", ("element: found 'ordred_at', "
         "expected a column of 'orders', do: did you mean 'ordered_at'?")),
    ],
)  # fmt: skip
def test_latency_that_cannot_be_read_is_refused(entry, told, tmp_path):
    """A promise that would be lost is told at its key."""
    text = changed((LATENCY, f"{{property: latency, {entry}}}"))

    assert messages(text, tmp_path) == [f"19: slaProperties[0].{told}"]


# --- servers -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "secret", ["hunter2", "Tr0ub4dor&3", "SHOP-PASSWORD", "12345678", "'9LIVES'", "[a]",
               "true", "null", "''", "{a: b}", "123456789012345678901", "2024-02-31",
               "!secret abc", "'${SHOP_PASSWORD}'"],
)  # fmt: skip
@pytest.mark.parametrize("name", ["user", "password"])
def test_value_for_a_variable_is_refused_without_echo(name, secret, tmp_path):
    """What is no name of a variable may be the secret, so no message repeats it."""
    at, line = {"user": (0, 15), "password": (1, 16)}[name]

    assert messages(changed((f"SHOP_{name.upper()}", secret)), tmp_path) == [
        (
            f"{line}: servers[0].customProperties[{at}].value: found a value that is no such "
            "name, expected the name of an environment variable, do: write its name in "
            "capitals, such as WAREHOUSE_USER; keep the value out"
        )
    ]


@pytest.mark.parametrize(
    "path", ["/srv/shop.duckdb", "../shop.duckdb", "data/../../shop.duckdb",
             "~/shop.duckdb", r"C:\shop.duckdb", "up/shop.duckdb"],
)  # fmt: skip
def test_duckdb_database_out_of_the_folder_is_refused(path, tmp_path):
    """A database file lies inside the assessment's folder, as other files do."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "up").symlink_to("..")

    assert messages(changed(("data/shop.duckdb", path)), home) == [
        (
            f"17: servers[1].database: found the path '{path}', which leaves the "
            "assessment's folder, expected a path inside the folder, "
            "do: copy the data into the folder, such as data/"
        )
    ]


@pytest.mark.parametrize(
    "text", ["':memory:'", "'md:shop?motherduck_token=abc'", "'s3://bucket/shop.duckdb'",
             "'postgres://user:abc@host/db'"],
)  # fmt: skip
def test_duckdb_database_that_is_no_file_is_refused_without_echo(text, tmp_path):
    """Addresses reach out of the folder, and may hold a password."""
    assert messages(changed(("data/shop.duckdb", text)), tmp_path) == [
        (
            "17: servers[1].database: found an address, or a database in memory, expected "
            "the path of a file inside the folder, "
            "do: copy the database into the folder, such as data/case.duckdb"
        )
    ]


def test_port_that_is_no_number_is_refused_where_credentials_are_named(tmp_path):
    """A server that is to be read needs its port; others may keep a reference."""
    text = changed(("port: 5432", "port: ${DB_PORT}"))

    assert messages(text, tmp_path) == [
        (
            "11: servers[0].port: found the text '${DB_PORT}', expected a number "
            "from 1 to 65535, do: write a number from 1 to 65535"
        )
    ]
    assert read(changed(("5432", "'5432'")), tmp_path).servers[0].port == 5432


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("price: {priceAmount: dear}", ("price.priceAmount: found the text 'dear', "
         "expected a number, do: write a number")),
        ("tags: shop", "tags: found the text 'shop', expected a list, do: write a list"),
        ("description: 3", ("description: found the number 3, expected keys with values, "
         "do: write keys with values")),
    ],
)  # fmt: skip
def test_kind_that_the_standard_wants_is_told_in_words(line, told, tmp_path):
    """A schema says number, array and object."""
    assert messages(f"{changed()}{line}\n", tmp_path) == [f"68: {told}"]
