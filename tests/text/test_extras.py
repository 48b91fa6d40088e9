"""How an extra is added: what works for how readybook was installed."""

import json
from pathlib import Path

import pytest

from readybook.text.extras import way_to

HOME = "file:///home/ann/read%20y"


@pytest.mark.parametrize(
    ("came", "program", "way"),
    [
        ({"url": HOME, "dir_info": {"editable": True}}, "/home/ann/read y/.venv/bin/python",
         "in its checkout, run: .venv/bin/python -m pip install -e '.[lab]'"),
        ({"url": HOME, "dir_info": {}}, "/usr/bin/python3",
         "in its checkout, run: python -m pip install '.[lab]'"),
        ({"url": f"{HOME}/readybook.whl", "archive_info": {}}, "/usr/bin/python3",
         "install readybook[lab] from where readybook came"),
        (None, "/usr/bin/python3", "run: pip install 'readybook[lab]'"),
    ],
)  # fmt: skip
def test_extra_is_added_the_way_that_readybook_came(came, program, way):
    """An index of packages need not have it; no path of the machine is told."""
    assert way_to("lab", came and json.dumps(came), Path(program)) == way
