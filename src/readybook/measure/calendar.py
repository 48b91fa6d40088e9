"""The days on which a table expects no row, by the calendar that it declares."""

import datetime as dt
import importlib
from collections.abc import Container

from readybook.model.contract import WEEKDAYS, Table
from readybook.model.errors import SourceError


def closed_days(table: Table, first: dt.date, last: dt.date) -> frozenset[dt.date]:
    """Return the closed days from one to another, both included.

    Raises:
        SourceError: whose holidays are meant is not known, or no day is open.
    """
    calendar = table.calendar
    if calendar is None:
        return frozenset()
    free = _holidays(calendar.holidays, range(first.year, last.year + 1))
    every = {first + dt.timedelta(days=at) for at in range((last - first).days + 1)}
    closed = frozenset(
        day
        for day in every
        if WEEKDAYS[day.weekday()] not in calendar.weekdays
        or day in free
        or any(days.first <= day <= days.last for days in calendar.closed)
    )
    if closed == every:
        msg = f"the calendar of {table.name} leaves no day open, so it is no limit"
        raise SourceError(msg)
    return closed


def _holidays(code: str | None, years: range) -> Container[dt.date]:
    if code is None:
        return ()
    country, _dash, part = code.partition("-")
    # It takes a tenth of a second to load, and few calendars name a country.
    library = importlib.import_module("holidays")
    try:
        found: Container[dt.date] = library.country_holidays(
            country, subdiv=part or None, years=years
        )
    except NotImplementedError as error:
        msg = f"the holidays of {code} are not known"
        raise SourceError(msg) from error
    return found
