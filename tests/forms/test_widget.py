"""How the widget asks ipykernel to read messages while a cell runs."""

from __future__ import annotations

import pytest

from readybook.forms.cell import answer_beside_cells

pytest.importorskip("ipykernel")


class Plain:
    """A comm of a kernel that leads messages in no way of its own."""


class OtherWay(Plain):
    """A comm of a kernel that asks for the way with other words."""

    def _reply_subshell_for(self, data, default, parent):
        return default, data, parent


class Sealed(Plain):
    """A comm that takes no attribute."""

    __slots__ = ()

    def __setattr__(self, name, value):
        raise AttributeError(name)

    def _reply_subshell_for(self, data, default):
        del data
        return f"{default} of its own"


def test_ipykernel_reads_a_message_where_the_browser_sent_it():
    """The comm of the installed ipykernel, if it leads messages, no longer does."""
    from ipykernel.comm.comm import BaseComm  # noqa: PLC0415 - it is there

    comm = BaseComm(target_name="readybook", primary=False)

    if answer_beside_cells(comm):
        route = vars(comm)["_reply_subshell_for"]
        assert route({"method": "custom"}, "chosen") == "chosen"


@pytest.mark.parametrize("comm", [Plain(), OtherWay(), Sealed()])
def test_kernel_with_another_way_is_left_as_it_is(comm):
    """Nothing is put in, and nothing is raised."""
    before = type(comm).__dict__.get("_reply_subshell_for")

    assert answer_beside_cells(comm) is False
    assert type(comm).__dict__.get("_reply_subshell_for") is before
    assert "_reply_subshell_for" not in vars(comm)


def test_no_comm_at_all_is_left_alone():
    """A widget without a kernel has none."""
    assert answer_beside_cells(None) is False
