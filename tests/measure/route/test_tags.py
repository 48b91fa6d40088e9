"""Annotated tags of real git repositories are deployments of the commits in them."""

import datetime as dt

import pytest

from readybook.measure.route.tags import list_tags, read_tags
from readybook.model.errors import SourceError
from repositories import NAME, commit, git, make, tag


def on(day, hour=8):
    return dt.datetime(2026, 9, day, hour, tzinfo=dt.UTC)


def at(day):
    return f"2026-09-{day:02}T08:00:00Z"


def read(folder):
    return read_tags(folder, list_tags(folder))


def found(folder):
    return [(one.committed, one.deployed) for one in read(folder)]


def refused(folder):
    with pytest.raises(SourceError) as error:
        read(folder)
    return str(error.value)


@pytest.fixture
def repository(tmp_path):
    """Two deployments: the second has the commits of days 3 and 4."""
    folder = make(tmp_path / "code")
    commit(folder, at(1))
    tag(folder, "v1", at(2))
    commit(folder, at(3))
    commit(folder, at(4))
    tag(folder, "v2", at(6))
    return folder


def test_each_commit_that_no_earlier_tag_has_is_a_change(repository):
    """The first tag is a deployment whose changes nobody can date."""
    assert found(repository) == [
        (None, on(2)),
        (None, on(6)),
        (on(4), on(6)),
        (on(3), on(6)),
    ]
    assert next(one.key for one in read(repository)) == "tag 1 of 2 by date"


def test_bare_repository_and_packed_tags_are_read_alike(repository, tmp_path):
    """How git stores its history makes no difference."""
    git(tmp_path, "clone", "--quiet", "--bare", "code", "bare.git")
    git(repository, "pack-refs", "--all")
    git(repository, "gc", "--quiet")

    assert found(tmp_path / "bare.git") == found(repository)
    assert list_tags(tmp_path / "bare.git") == list_tags(repository)


def test_merge_is_no_change_and_its_commits_are(repository):
    """A merge is made when a branch lands, not when its work was done."""
    git(repository, "checkout", "--quiet", "-b", "side")
    commit(repository, at(7))
    git(repository, "checkout", "--quiet", "main")
    git(repository, "merge", "--quiet", "--no-ff", "--message=m", "side", at=at(8))
    tag(repository, "v3", at(9))

    assert [pair for pair in found(repository) if pair[1] == on(9)] == [
        (None, on(9)),
        (on(7), on(9)),
    ]


def test_second_tag_on_a_commit_is_a_deployment_without_a_change(repository):
    """Deploying the same again moves no lead time."""
    tag(repository, "again", at(8))

    assert found(repository)[-1] == (None, on(8))


def test_lightweight_tag_beside_an_annotated_one_is_its_second_name(repository):
    """`latest` on a released commit says nothing new."""
    before = found(repository)
    git(repository, "tag", "latest")

    assert found(repository) == before


def test_tag_without_a_date_of_its_own_is_refused(repository):
    """A lightweight tag does not say when it was made; the commit's date is another."""
    commit(repository, at(7))
    git(repository, "tag", "light")

    assert refused(repository) == (
        "1 of 3 tags have no date of their own; make them with 'git tag --annotate', "
        "or name a CSV or JSON log"
    )


def test_tag_of_a_file_is_no_deployment(repository):
    """A key or a licence under a tag deploys nothing."""
    before = found(repository)
    blob = git(repository, "hash-object", "-w", ".git/HEAD").strip()
    git(repository, "tag", "--annotate", "key", blob, "--message=x")

    assert found(repository) == before


def test_repository_that_tells_no_deployment_says_why(tmp_path):
    """No tag, no repository, a link to elsewhere: each in words."""
    empty = make(tmp_path / "empty")
    commit(empty, at(1))
    (tmp_path / "folder").mkdir()
    (tmp_path / "linked").mkdir()
    (tmp_path / "linked" / ".git").write_text(f"gitdir: {empty}/.git", encoding="utf-8")

    assert refused(empty) == (
        "the repository has no tag that says when a commit was deployed"
    )
    assert refused(tmp_path / "folder") == "it is a folder, and no git repository"
    assert refused(tmp_path / "linked").startswith("the repository's .git leads else")


def test_shallow_clone_is_refused(repository, tmp_path):
    """Cut-off history would turn old commits into a first deployment's."""
    url = f"file://{repository}"
    git(tmp_path, "clone", "--quiet", "--depth=1", url, "short")

    assert refused(tmp_path / "short") == (
        "the repository is a shallow clone; fetch its whole history"
    )


def test_damaged_repository_is_told_without_the_words_of_git(repository):
    """Git's own messages hold paths of the machine."""
    for path in (repository / ".git" / "objects").rglob("*"):
        if path.is_file():
            path.chmod(0o644)
            path.write_bytes(b"")

    assert refused(repository) == "git could not read the repository"


def test_machine_without_git_is_told(repository, monkeypatch, tmp_path):
    """The reason names what to install, and nothing is guessed."""
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))

    assert refused(repository) == (
        "the log is a git repository, and the git command is not installed"
    )


def test_program_that_a_repository_names_is_not_run(repository, tmp_path):
    """A repository from elsewhere may carry settings that start programs."""
    mark = tmp_path / "ran"
    script = repository / ".git" / "evil"
    script.write_text(f"#!/bin/sh\ntouch {mark}\n", encoding="utf-8")
    script.chmod(0o755)
    for key in ("core.fsmonitor", "core.pager", "core.sshCommand", "gpg.program"):
        git(repository, "config", key, str(script))
    git(repository, "config", "pager.for-each-ref", str(script))
    hooks = repository / ".git" / "hooks"
    for name in ("post-index-change", "reference-transaction"):
        hooks.mkdir(exist_ok=True)
        (hooks / name).write_bytes(script.read_bytes())
        (hooks / name).chmod(0o755)
    before = set(repository.rglob("*"))
    mark.unlink(missing_ok=True)

    assert len(found(repository)) == 4
    assert not mark.exists()
    assert set(repository.rglob("*")) == before


def test_settings_of_the_caller_do_not_lead_to_another_repository(
    repository, monkeypatch, tmp_path
):
    """GIT_DIR in the environment, as in a hook, is not followed."""
    other = make(tmp_path / "other")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_OBJECT_DIRECTORY", str(other / ".git" / "objects"))

    assert len(found(repository)) == 4


def test_list_of_tags_has_no_name(repository):
    """What is hashed and kept in memory does not even hold a tag's or person's name."""
    listed = list_tags(repository).decode()

    assert NAME not in listed
    assert "v2" not in listed


def test_tag_that_moves_changes_the_list(repository):
    """Unchanged means that every tag is where it was."""
    before = list_tags(repository)
    git(repository, "tag", "--force", "--annotate", "v2", "--message=y", at=at(7))

    assert list_tags(repository) != before
