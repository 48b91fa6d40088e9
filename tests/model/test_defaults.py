"""What a file does not say is nothing, except for a few words that stand for it."""

import importlib
import pkgutil

from pydantic import BaseModel

from readybook import model
from readybook.model.case import Assessment
from readybook.model.contract import WEEKDAYS
from readybook.model.findings import NOTHING

STAND_FOR_NOTHING = {
    ("Action", "state"): "open",
    ("Calendar", "weekdays"): WEEKDAYS,
    ("Category", "min_rows"): 1,
    ("Question", "shelf_life_days"): 180,
    ("Scope", "track"): "starter",
    ("Table", "min_rows"): 1,
    ("Tolerance", "allows_limit"): True,
    ("Tolerance", "unit"): "share",
}


def test_field_that_is_left_out_is_empty():
    """No number, flag or text is made up where a file has none."""
    modules = [
        importlib.import_module(f"{model.__name__}.{module.name}")
        for module in pkgutil.iter_modules(model.__path__)
    ]
    defaults = {
        (kind.__name__, name): field.get_default(call_default_factory=True)
        for module in modules
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, BaseModel)
        if kind is not Assessment  # of which each document is empty, see test_case.py
        for name, field in kind.model_fields.items()
        if not field.is_required()
    }

    assert {key: one for key, one in defaults.items() if one} == STAND_FOR_NOTHING


def leaves(value):
    """What stands in data at any depth."""
    if isinstance(value, dict | list | tuple):
        inner = value.values() if isinstance(value, dict) else value
        return [leaf for one in inner for leaf in leaves(one)]
    return [value]


def test_document_that_nobody_wrote_says_nothing():
    """Neither an id nor a date, a number or a state stands in its place."""
    fields = Assessment.model_fields.values()
    defaults = [
        one.get_default(call_default_factory=True)
        for one in fields
        if not one.is_required()
    ]
    said = leaves([getattr(one, "model_dump", lambda o=one: o)() for one in defaults])
    formats = [1] * sum(
        "format" in getattr(one, "model_fields_set", ()) for one in defaults
    )

    assert [one for one in said if one not in ("", None, 0, NOTHING)] == formats
