"""No path of a contract leads out of the assessment's folder."""

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
     "inside/a.csv", "inside/*.csv", "a..b/c", "data/[a].csv", "", "datum:"],
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
