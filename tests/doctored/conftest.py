"""The honest cases, each made and measured once for all tricks that begin with it."""

import functools
import shutil

import pytest

from doctoring import judge, tell


@pytest.fixture(scope="session")
def honest(ready, tmp_path_factory):
    """Return by honest case its folder, what is printed of it, and its rank."""

    @functools.cache
    def made(weak):
        folder = tmp_path_factory.mktemp(weak.__name__) / ready.name
        shutil.copytree(ready, folder)
        weak(folder)
        headline, rank, _ = tell(folder)
        return folder, headline, rank

    return made


@pytest.fixture
def play(honest, tmp_path):
    """Return what plays a trick in a copy of its honest case and says what is wrong."""

    def played(trick):
        weak, _, rank = honest(trick.weak)
        folder = tmp_path / weak.name
        shutil.copytree(weak, folder)
        return judge(trick, folder, rank)

    return played
