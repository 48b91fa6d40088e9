"""What evidence may say: each machine is itself."""

import datetime as dt

from readybook.case.evidence import probe_problems
from resource_case import fact, probe


def test_probe_under_a_second_name_is_told_whatever_its_date():
    """A copy is a copy on any day; another machine shows other amounts."""
    one = probe(fact("memory-granted", 16))
    copy = one.model_copy(
        update={"measured_on": one.measured_on + dt.timedelta(days=1)}
    )
    other = probe(fact("memory-granted", 15.9))

    found = [
        problem.file for problem in probe_problems({"a": one, "b": copy, "c": other})
    ]

    assert found == ["evidence/b.json"]
