"""No path of a contract leads out of the assessment's folder."""

import sys
from contextlib import suppress

import pytest

from readybook.text.documents import leaves_folder


@pytest.fixture
def folder(tmp_path):
    """A folder with data, and with links in it and out of it."""
    home, outside = tmp_path / "case", tmp_path / "outside"
    for place in (home / "data", home / "more", outside):
        place.mkdir(parents=True)
        (place / "a.csv").write_text("x\n", encoding="utf-8")
    (home / "inside").symlink_to(home / "data")
    (home / "out").symlink_to(outside)
    (home / "more" / "b.csv").symlink_to(outside / "a.csv")
    (home / "loop").symlink_to(home / "loop")
    return home


@pytest.mark.parametrize(
    "path",
    ["data/a.csv", "data/none.csv", "./data/a.csv", "data/*.csv", "none/*.csv",
     "inside/a.csv", "inside/*.csv", "a..b/c", "data/[a].csv", "", "datum:", "data/a**.csv"],
)  # fmt: skip
def test_path_inside_the_folder_stays(folder, path):
    """Also where it names nothing yet, follows a link inside, or has dots in a name."""
    assert not leaves_folder(path, folder)


@pytest.mark.parametrize(
    "path",
    ["/etc/passwd", "~/a.csv", "\\share\\a.csv", "C:a.csv", "s3://bucket/a", "..",
     "data/../../outside/a.csv", "data\\..\\a.csv", "out/a.csv", "out/*.csv", "out/none",
     "more/b.csv", "more/*.csv", "*/b.csv", "loop/a.csv"],
)  # fmt: skip
def test_path_that_leads_outside_is_seen(folder, path):
    """By its first letters, by going up, or by a link, also one that a sign finds."""
    assert leaves_folder(path, folder)


@pytest.fixture(scope="module")
def listings():
    """The folders that were listed since it was emptied last, as the system is asked."""
    found, is_on = [], [True]

    def hear(event, arguments):
        if is_on[0] and event in {"os.scandir", "os.listdir"}:
            with suppress(TypeError):
                found.append(str(arguments[0]))

    sys.addaudithook(hear)  # for good: it can only fall silent
    yield found
    is_on[0] = False


@pytest.mark.parametrize("path", ["out/*.csv", "out/**/*.csv", "*/**/*.csv"])
def test_nothing_outside_is_listed(path, folder, listings):
    """A link may lead to all of a disk; that it leads out is seen before it is taken."""
    listings.clear()
    assert leaves_folder(path, folder)
    assert not [
        one for one in listings if "out" in one.removeprefix(str(folder.parent))
    ]


def test_folders_are_not_listed_once_for_each_way_there(tmp_path, listings):
    """Twelve folders in each other can be shared among six signs in 18,564 ways."""
    (tmp_path / "/".join("abcdefghijkl")).mkdir(parents=True)
    listings.clear()
    assert not leaves_folder("**/" * 6 + "none.csv", tmp_path)
    assert len(listings) < 1_000
