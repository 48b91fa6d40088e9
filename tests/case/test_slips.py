"""What looks like a secret or a person's address is told by its place, and not shown."""

import shutil
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readybook.bank.read import read_bank
from readybook.case.slips import KINDS, found_in, read_two_ways
from readybook.cli.main import main

# put together here, so that no scanner takes this file for one that holds secrets
SECRETS = {
    "a private key": ["-----BEGIN " + "OPENSSH PRIVATE KEY-----", "-----BEGIN PRIVATE" + " KEY-----"],
    "an access key": ["AKI" + "AIOSFODNN7EXAMPLE", "ASI" + "AIOSFODNN7EXAMPLE"],
    "a token": [
        "gh" + "p_" + "a1" * 18, "glpat" + "-" + "a1" * 10, "xox" + "b-1234567890-abc",
        "hf" + "_" + "a1" * 17, "AIz" + "a" + "S1" * 18, "dap" + "i" + "0f" * 16,
        "s" + "k-proj-" + "a1" * 20, "ey" + "JhbGciOiJI." + "ey" + "JzdWIiOiIx.c2ln",
    ],
    "an address with a password": [
        "postgresql://reader:" + "hunter2@db.example.org/flights", "https://:" + "pw@example.org",
    ],
    "a password": [
        "AccountKey=" + "Zm9v" * 8, "SharedAccessKey=" + "Zm9v" * 8,
        "password: " + "hunter22", "The passwort is " + "k0rrekt!horse", "api_key = '" + "a1b2c3d4e5'",
        "Token:  " + "9f8e7d6c5b", '"secret": "' + 's3cr3t-s3cr3t"',
    ],
    "a person's e-mail address": [
        "jane.doe@example.org", "Ask jdoe@mail.example.co.uk.", "<j_doe+x@example.com>",
    ],
}  # fmt: skip
HARMLESS = [
    "The password is stored in the vault", "password: WAREHOUSE_PASSWORD", "Secret: none yet",
    "password: ${PASSWORD1234}", "password: <ask security 1>", "the token: see WIKI", "tokens: 12",
    "postgresql://db.example.org:5432/flights", "https://user:<password>@example.org",
    "https://example.org/a:b", "mailto info@example.org", "git@github.com:org/repo.git",
    "sk-ssh-ed25519@openssh.com AAAA", "reader@db", "version@1.2.3", "@jane", "sha256:" + "0f" * 32,
    "the public key", "risk-assessment-of-the-year-2026", "AKIA is how such keys begin",
    "s3://bucket/a@b.csv", "https://example.org/@jane.doe/1",
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "text"), [(kind, text) for kind in SECRETS for text in SECRETS[kind]]
)
def test_secret_is_told_by_its_kind_and_place_and_never_repeated(kind, text):
    """In a note of several lines, where most are pasted."""
    document = (
        f"answers:\n  A-01:\n    answer: 2\n    note: |\n      So:\n      {text}\n"
    )

    (told,) = found_in(document, "answers/x.yaml")

    assert (told.file, told.line, told.key) == (
        "answers/x.yaml",
        6,
        "answers.A-01.note",
    )
    assert told.found == f"what looks like {kind}"
    assert text[-8:] not in str(told)


@pytest.mark.parametrize(
    ("row", "key"),
    [
        ("{id: ä😀, note: 'PUT', more: b}", "note"),
        ('{"id": "a", "n": {"x": 1, "note": ["PUT"]}, "more": "b"}', "n.note[0]"),
        ("{id: &a x, note: 'PUT', more: *a}", "note"),  # which the other parser reads
    ],
)
@pytest.mark.parametrize("kind", SECRETS)
def test_in_a_row_on_one_line_the_key_that_holds_it_is_named(kind, row, key):
    """Whoever looks for it reads a long line."""
    row = row.replace("PUT", SECRETS[kind][0])
    document = f"# é\r\nrows:\r\n- {{id: é}}\r\n- {row}\r\n"

    (told,) = found_in(document, "x.yaml")

    assert (told.line, told.key) == (4, f"rows[1].{key}")


def test_each_kind_is_tested():
    """A pattern without a secret here could be one that finds nothing."""
    assert SECRETS.keys() == KINDS.keys()


@pytest.mark.parametrize("text", HARMLESS)
def test_what_only_speaks_of_secrets_is_left_alone(text):
    """A warning that is wrong teaches people to skip those that are right."""
    assert [*found_in(f"note: |\n  {text}\n", "x.yaml")] == []


ROLES = [role.id for role in read_bank().bank.roles]
WORDS = st.text(string.ascii_lowercase, min_size=1, max_size=8)


@given(st.sampled_from([*ROLES, "info", "team", "support", "no-reply"]),
       st.lists(WORDS, max_size=2), st.sampled_from(".-"), WORDS)  # fmt: skip
def test_address_of_a_role_is_no_persons(role, before, sign, host):
    """It stays when people go."""
    text = f"note: ask {sign.join([*before, role])}@{host}.example.org"

    assert [*found_in(text, "x.yaml")] == []


@given(st.sampled_from(["jane", "j", "anna-lena", "o_neil"]), st.sampled_from(".-_"),
       st.sampled_from(["doe", "li", "ng-3"]), WORDS)  # fmt: skip
def test_address_of_a_person_is_told(first, sign, last, host):
    """However the two names are put together."""
    (told,) = found_in(f"note: ask {first}{sign}{last}@{host}.example.org", "x.yaml")

    assert told.found == "what looks like a person's e-mail address"


@pytest.mark.parametrize("name", ["assessment", "flight-delays"])
def test_what_we_ship_warns_of_nothing(name, root, capsys):
    """Comments of templates included."""
    assert main(["check", str(root / "templates" / name)]) == 0

    assert "looks like" not in capsys.readouterr().out


def test_check_warns_and_does_not_fail(root, tmp_path, capsys):
    """The exit code is that of a folder without problems."""
    case = shutil.copytree(root / "templates" / "assessment", tmp_path / "case")
    path = case / "assessment.yaml"
    text = path.read_text("utf-8").replace(
        "\ntitle: ", "\ntitle: jane.doe@example.org ", 1
    )
    path.write_text(text, encoding="utf-8")

    code = main(["check", str(case)])

    line = text.partition("jane")[0].count("\n") + 1
    (told,) = (
        one for one in capsys.readouterr().out.splitlines() if "looks like" in one
    )
    assert code == 0
    assert told.startswith(
        f"{case}: assessment.yaml:{line}: title: found what looks like a person's"
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: 2.000\n", ["a: found 2.000, which is read as 2,"]),
        (
            "a: {low: 170.000, high: 9}  # 4.000\n",
            ["a.low: found 170.000, which is read"],
        ),
        ("a:\n- [1.500, 12.340]\n", ["a[0][0]: found 1.500", "a[0][1]: found 12.340"]),
        ("a: -1.250\r\n", ["a: found -1.250, which is read as -1.25,"]),
        ("a: [0.050, 2.125, 2.0, 1000.000, 2.000e0]\n", []),
        ("a: '2.000'\nb: 2.000 EUR\nc: >\n  cost: 2.000\n", []),
    ],
)
def test_number_that_many_read_as_thousands_is_told(text, told):
    """Three decimals that end in 0 are what 2.000 looks like where it means 2000."""
    found = [str(one) for one in read_two_ways(text, "x.yaml")]

    assert len(found) == len(told)
    for one, words in zip(found, told, strict=True):
        assert words in one


def test_nothing_of_the_templates_reads_two_ways(root):
    """Else a start would begin with a note."""
    files = sorted((root / "templates").rglob("*.yaml"))
    assert files
    assert not [n for f in files for n in read_two_ways(f.read_text("utf-8"), f.name)]
