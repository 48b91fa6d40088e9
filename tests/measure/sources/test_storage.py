"""Object storage: what lies in a bucket is read as a folder is, and nothing is sent."""

import psutil
import pytest

from amazon import ask_for_keys, holding, listening, make_bucket, moto
from declared_tables import located, open_or_why, table_of
from readybook.measure.sources import storage
from readybook.measure.sources.credentials import wanted_permissions
from readybook.measure.sources.engine import Limits
from readybook.measure.sources.engines import open_engines
from readybook.measure.sources.storage import place_below
from readybook.model.contract import Server

KEY, SECRET = "READYBOOK_TEST_USER", "READYBOOK_TEST_PASSWORD"


@pytest.fixture(scope="module")
def address():
    """Yield the address of a server with a bucket of a few files."""
    with moto() as found:
        client = make_bucket(found, "lake")
        for path, text in {
            "shop/t/year=2013/a.csv": "k\n1\n",
            "shop/t/year=2014/a.csv": "k\n2\n",
            "shop/t/year=2014/_b.csv": "k\n3\n",
            "shop/t/_SUCCESS": "",
            "shop/tt/a.csv": "k\n4\n",
            "one.jsonl": '{"k": 5}\n',
        }.items():
            client.put_object(Bucket="lake", Key=path, Body=text.encode())
        yield found


@pytest.fixture
def open_(address, monkeypatch):
    """Return a function that opens the table t at a location, with or without keys."""
    monkeypatch.setenv(KEY, "AKIAEXAMPLE")
    monkeypatch.setenv(SECRET, "a secret")
    hosts = ("127.0.0.1", "plain.invalid")
    allowed = frozenset(f"{one}@{host}" for one in (KEY, SECRET) for host in hosts)
    with open_engines(allowed=allowed) as engines:

        def opened(path, *, table=None, **changes):
            fields = {
                "host": address,
                "user_variable": KEY,
                "password_variable": SECRET,
            }
            server = Server(server="lake", type="s3", path=path, **fields | changes)
            place = located(None, server, table=table)
            return open_or_why(engines, table or table_of(), place)

        yield opened


def rows(source):
    found = source.ask(source.table)
    return sorted(tuple(row.values()) for row in found)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("s3://lake/shop/{model}", [(1, 2013), (2, 2014)]),
        ("s3://lake/shop/{model}/year=2014/*.csv", [(2, 2014), (3, 2014)]),
        ("s3://lake/shop/{model}/**/a.csv", [(1, 2013), (2, 2014)]),
        ("s3://lake/sh?p/{model}", [(1, 2013), (2, 2014)]),
        ("s3://lake/one.jsonl", [(5,)]),
    ],
)
def test_bucket_is_read_as_a_folder_is(open_, path, expected):
    """Patterns, folders that name columns, and what writers leave mean the same."""
    assert rows(open_(path)) == expected


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "changes", "why"),
    [
        ("s3://lake/none", {}, "there is no file none on the server lake"),
        ("s3://lake/shop/t", {"host": "http://127.0.0.1:1"}, "nothing answers there"),
        ("s3://lake/t", {"host": "https://plain.invalid"}, "its host is not known"),
        (
            "s3://lake/shop/t",
            {"host": "http://plain.invalid"},
            "has no TLS, so no key is",
        ),
        ("s3://lake/shop/t", {"user_variable": "UNSET"}, "UNSET is not set, which the"),
        ("s3://lake/shop/t", {"host": "https://s3.invalid"}, "nobody allowed to send"),
    ],
)
def test_storage_out_of_reach_says_why(open_, path, changes, why):
    """The reason names neither bucket, host nor key, and contradicts nothing."""
    source = open_(path, **changes)

    assert not source.found
    assert why in source.failed
    assert not any(one in source.failed for one in ("127.0.0.1", "AKIA", "secret"))


@pytest.mark.slow
def test_refused_keys_say_so(open_, address):
    """What is wrong is told in words; the key is not."""
    ask_for_keys(address, after=0)
    try:
        source = open_("s3://lake/shop/{model}")
    finally:
        ask_for_keys(address, after=float("inf"))

    assert source.failed == (
        "the server lake could not be read: its user or key was refused"
    )


@pytest.mark.slow
def test_own_chain_is_not_asked_for_a_host_that_a_contract_names(open_, monkeypatch):
    """A stranger's contract gets no signature of the person's own keys."""
    asked, sent = [], []
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAOWN")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "own")
    with listening(asked, sent) as host:
        open_("s3://lake/x", host=host, user_variable=None, password_variable=None)

    assert "/lake" in asked[0]
    assert not any("authorization" in headers.lower() for headers in sent)


@pytest.fixture
def of_hostile(tmp_path):
    """Return what a server tells that lists some keys, of a location and a format."""

    def told(keys, path="s3://b/t", form="csv", seconds=60.0, **sent):
        sent = {"body": b"k\n1\n"} | sent
        with (
            holding(*keys, **sent) as host,
            open_engines(Limits("512MB", seconds), allowed=ANY) as engines,
        ):
            server = Server(server="x", type="s3", path=path, host=host, format=form)
            return open_or_why(engines, table_of(), located(tmp_path, server))

    return told


ANY = frozenset({f"{KEY}@127.0.0.1"})


@pytest.mark.parametrize(
    "key",
    ["", "/", "/etc/a.csv", "a//b.csv", "../a.csv", "t/../../a.csv", "./a.csv", "..",
     "t/..\\..\\a.csv", "\\a.csv", "C:/a.csv", "C:a.csv", "t/C:", "\\\\host\\share\\a"],
)  # fmt: skip
def test_no_key_of_a_bucket_leads_out_of_its_folder(tmp_path, key):
    """On no platform, on whichever it is run: a server may list any."""
    assert place_below(tmp_path, key) is None


@pytest.mark.parametrize("key", ["a.csv", "t/y=2013/a b.csv", "t/at=10:00/..a.csv"])
def test_keys_of_a_bucket_are_its_folders_and_files(tmp_path, key):
    """Also those with signs that stand for nothing."""
    assert place_below(tmp_path, key) == tmp_path / key


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "key"),
    [("s3://b", "{}/a.csv"), ("s3://b/t", "t/../../../../../../..{}/a.csv"),
     ("s3://b/t", "u/a.csv"), ("s3://b/t", "{}/a.csv"), ("s3://b/*", "/..{}/a.csv")],
)  # fmt: skip
def test_server_that_lists_what_was_not_asked_writes_nothing(
    of_hostile, tmp_path, path, key
):
    """Neither above the run's own files, nor anything of what it sent beside it."""
    source = of_hostile(["t/a.csv", key.format(tmp_path)], path)

    assert source.failed == "the server x lists files that are not below its path"
    assert not any(tmp_path.iterdir())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("keys", "path", "form", "why"),
    [
        (["t/a.parquet"], "s3://b/t", "parquet", "it is not a Parquet file"),
        (["t/a.xlsx"], "s3://b/t", "excel", "excel"),
        (["_a.csv"], "s3://b", "csv",
         "there is no file of data in the bucket of the server x"),
        (["t/_a.csv"], "s3://b/t", "csv",
         "there is no file t in the bucket of the server x"),
    ],
)  # fmt: skip
def test_files_of_a_bucket_are_told_as_what_they_are(of_hostile, keys, path, form, why):
    """By their format, and where they lie."""
    source = of_hostile(keys, path, form=form)

    assert why in source.failed.lower() or why in source.failed
    assert "csv" not in source.failed.replace(".csv", "")


@pytest.mark.slow
@pytest.mark.parametrize("size", [-1, 0, 3, 5])
def test_file_of_another_size_than_listed_is_out_of_reach(of_hostile, size):
    """There was room for what was listed; and less of it is not all of it."""
    source = of_hostile(["t/a.csv"], size=size)

    assert not source.found
    assert "sends a file with another number of bytes than it lists" in source.failed


@pytest.mark.slow
@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_file_that_ends_before_its_end_is_out_of_reach(of_hostile, form):
    """Whatever its format: no part of it is taken for all."""
    source = of_hostile([f"t/a.{form}"], form=form, body=b"k\n" * 9_000, cut=9_000)

    assert not source.found
    assert source.failed.endswith("it ends a file before the end that it announced")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("bound", "seconds", "why"),
    [
        ({"_SECONDS_TO_LIST": 1.0}, 60.0, "lists more and more files: its list had no"),
        ({"_MOST_LISTED": 1}, 60.0, "lists more and more files: its list had no"),
        ({}, 3.0, "it took longer than 3 s"),
    ],
    ids=["seconds", "memory", "limit of the run"],
)
def test_list_without_an_end_is_given_up(of_hostile, monkeypatch, bound, seconds, why):
    """In its time, and nothing goes on asking."""
    for name, most in bound.items():
        monkeypatch.setattr(storage, name, most)

    source = of_hostile(["t/a.csv"], more=True, seconds=seconds)

    assert not source.found
    assert why in source.failed
    words = [word for one in psutil.Process().children() for word in one.cmdline()]
    assert not [word for word in words if "FileSelector" in word]


@pytest.mark.slow
def test_files_that_would_be_one_file_here_are_out_of_reach(of_hostile):
    """One is not written over the other, as names in capitals are on some disks."""
    source = of_hostile(["t/a.csv", "t/a.csv"])

    assert not source.found
    assert source.failed.startswith("the server x could not be read: it refused (")


@pytest.mark.parametrize(
    "path",
    ["s3://b//x", "s3://b/x//y", "s3:///x", "s3://", "s3://b/../c", "s3://b/./c"],
)
def test_location_with_a_part_that_names_nothing_is_refused(tmp_path, path):
    """Below a bucket they are no folders; as a path they lead out of the copy."""
    place = located(tmp_path, Server(server="x", type="s3", path=path))

    assert place.failed == "the location of server x has a part without a name"


def test_half_a_key_is_out_of_reach(tmp_path, monkeypatch):
    """The library takes none, and its platform's own chain is not meant."""
    monkeypatch.setenv(KEY, "AKIAEXAMPLE")
    server = Server(
        server="x", type="s3", path="s3://b/t", host="http://127.0.0.1:1",
        user_variable=KEY,
    )  # fmt: skip
    with open_engines(allowed=ANY) as engines:
        source = open_or_why(engines, table_of(), located(tmp_path, server))

    assert source.failed == ("the server x names one half of a key: name both, or none")


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("s3", "gs://b/t"),
        ("azure", "s3://b/t"),
        ("custom", "t"),
        ("azure", "http://b/t"),
    ],
)
def test_location_of_another_type_is_refused(tmp_path, kind, path):
    """So that no credentials of one platform go to another."""
    place = located(tmp_path, Server(server="x", type=kind, path=path))

    assert place.failed == (
        "the location of server x is none of s3:// of type s3, az:// of type azure, "
        "abfss:// of type azure, gs:// of type custom"
    )


def test_keys_go_to_the_host_of_the_endpoint_or_to_amazon(monkeypatch):
    """The person is asked for these hosts and no others."""
    monkeypatch.setenv(KEY, "x")
    server = Server(server="x", type="s3", path="s3://b/t", user_variable=KEY)
    there = server.model_copy(update={"host": "https://minio.example.org:9000"})

    assert wanted_permissions(server) == (f"{KEY}@s3.amazonaws.com:443",)
    assert wanted_permissions(there) == (f"{KEY}@minio.example.org:9000",)
