"""Numbers become cells that are near them, in order, on every engine; cells bins."""

import math
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postgres_tables import table_on
from readybook.measure.change.samples import (
    Bin,
    Scale,
    bars_of,
    bin_numbers,
    bin_values,
    labels_of,
    scale_of,
)
from readybook.measure.profile import Extent, read_extents
from readybook.measure.sources.files import rows
from real_tables import connect

OTHERS = "(other values)"
#: negative, tiny, huge, at the edge of a power of ten, halves of the fourth digit
ODD = [
    -1.5,
    -0.0,
    0.0,
    5e-324,
    -1e-300,
    9.999e-301,
    1.7976931348623157e308,
    -1.7976931348623157e308,
    0.1 + 0.2,
    1e22,
    1e23,
    12344.5,
    12345.0,
    0.12345,
    -0.99995,
    999.95,
    9999.4999,
    9999.5,
    9999.5001,
    10_000.0,
    1e-5,
    9.999999999999999e-6,
    1 / 3,
    math.pi * 1e100,
]
SPECIAL = [math.nan, math.inf, -math.inf, None]
wide = st.builds(
    lambda digits, power: digits * 10.0**power, st.floats(-10, 10), st.integers(-12, 12)
)
ordinary = st.floats(-1e9, 1e9).map(lambda x: 0.0 if abs(x) < 1e-9 else x)


@pytest.fixture(scope="module")
def engine():
    return connect()


def cells_of(source, ask, scale=None, *, whole=False):
    """Return the scale, and each row's cell in the order of the rows."""
    if scale is None:
        scale = scale_of([read_extents(source, ["x"], ask).columns["x"]], whole=whole)
    found = ask(source.select("id", cell=scale.cell(source.x)))
    return scale, [row["cell"] for row in sorted(found, key=lambda row: row["id"])]


def as_table(values, kind=None):
    return pa.table({"id": range(len(values)), "x": pa.array(values, kind)})


def on(engine, values, kind=None):
    return engine.create_table("t", as_table(values, kind), overwrite=True)


def rounded(value, digits):
    """Return a number rounded to some digits, by the decimals it is written with."""
    exact = Decimal(value)
    return float(round(exact, digits - 1 - exact.adjusted())) if value else 0.0


@pytest.mark.slow
@settings(max_examples=15)  # each asks an engine
@given(values=st.lists(ordinary, min_size=1, max_size=50))
def test_cell_stands_for_a_number_near_all_that_are_in_it(engine, values):
    """A number and its cell's number differ by half of the last digit kept, at most."""
    values = [*values, -1.0, 1.0]  # on both sides of 0, so that 0 is the origin
    scale, cells = cells_of(on(engine, values), rows)
    digits = 4 if scale.top - scale.bottom <= 12 else 3

    for value, cell in zip(values, cells, strict=True):
        half = 0.5 * 10.0 ** (1 - digits) * abs(value)
        assert abs(scale.number(cell) - value) <= half * (1 + 1e-9)


@pytest.mark.slow
@settings(max_examples=15)
@given(values=st.lists(wide, min_size=2, max_size=50))
def test_cells_are_in_the_order_of_their_numbers(engine, values):
    """A larger number is never in a lower cell, whatever the range is."""
    _scale, cells = cells_of(on(engine, values), rows)
    by_value = sorted(zip(values, cells, strict=True), key=lambda both: both[0])

    assert [cell for _, cell in by_value] == sorted(cells)


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (12345.0, 12350),
        (12344.5, 12340),
        (0.12345, 0.1235),
        (-0.99995, -1),
        (999.95, 1000),
        (9999.4999, 9999),
        (9999.5, 10_000),
        (1 / 3, 0.3333),
        (-0.0, 0),
        (1e22, 1e22),
        (1e-5, 1e-5),
    ],
)
def test_four_digits_that_matter_are_kept(engine, value, number):
    """Halves go up; the next power of ten begins where all digits are nines."""
    scale = Scale(whole=False, top=23, bottom=12 if value > 1e9 else -5)
    scale = Scale(whole=False, top=scale.bottom + 12, bottom=scale.bottom)
    _, (cell,) = cells_of(on(engine, [value]), rows, scale)

    assert scale.number(cell) == number


def test_cells_of_one_to_four_digits_equal_decimal_rounding(engine):
    """Each written number of up to four digits is a cell of its own."""
    values = [n / 10**power for n in range(1000, 10_000, 7) for power in (0, 2, 4, 6)]
    values.append(-1.0)
    scale, cells = cells_of(on(engine, values), rows)

    assert [scale.number(cell) for cell in cells] == [rounded(x, 4) for x in values]


def test_nan_and_infinities_have_cells_at_the_ends_and_null_has_none(engine):
    """What is no finite number does not disturb the cells of the others."""
    values = [-3.0, 0.0, 2.5, *SPECIAL]
    scale, cells = cells_of(on(engine, values, pa.float64()), rows)
    low, zero, high, nan, inf, minus, null = cells

    assert minus < low < zero < high < inf < nan
    assert null is None
    assert [scale.number(one) for one in (low, zero, high)] == [-3, 0, 2.5]
    assert [scale.number(one) for one in (inf, minus)] == [math.inf, -math.inf]
    assert math.isnan(scale.number(nan))


def test_numbers_far_from_0_are_told_apart_by_their_distance(engine):
    """Degrees of latitude in one town, or seconds since 1970, keep their digits."""
    for values in ([40.71234, 40.71245, 40.9], [1_732_000_000.0, 1_732_000_060.0]):
        for sign in (1, -1):
            scale, cells = cells_of(on(engine, [sign * one for one in values]), rows)

            assert len(set(cells)) == len(values)
            for value, cell in zip(values, cells, strict=True):
                assert scale.number(cell) == pytest.approx(sign * value, rel=1e-6)


@pytest.mark.parametrize("kind", [pa.int32(), pa.int64(), pa.uint8()])
def test_whole_numbers_of_a_narrow_range_stay_as_they_are(engine, kind):
    """Each is its own cell, also where it has more than four digits."""
    values = [1, 2, 255] if kind == pa.uint8() else [20_130_101, 20_130_102, 20_131_231]
    scale, cells = cells_of(on(engine, values, kind), rows, whole=True)

    assert scale.whole
    assert cells == values
    assert [scale.number(one) for one in cells] == values


def test_whole_numbers_of_a_wide_range_are_rounded(engine):
    """Even the largest and the smallest that an engine can hold."""
    values = [-(2**63), -12_345, 0, 7, 123_449, 2**63 - 1]
    scale, cells = cells_of(on(engine, values, pa.int64()), rows, whole=True)

    assert not scale.whole
    assert [scale.number(one) for one in cells] == [
        pytest.approx(one, rel=0.005) for one in values
    ]


def test_decimals_have_the_cells_of_their_doubles(engine):
    """A decimal is compared as the number that it is."""
    values = [Decimal("1.25"), Decimal("-20000.10"), None]
    scale, cells = cells_of(on(engine, values, pa.decimal128(10, 2)), rows)

    assert [scale.number(one) for one in cells[:2]] == [1.25, -20_000]
    assert cells[2] is None


def test_constant_and_missing_numbers_have_a_scale():
    """Nothing to spread over is no reason to fail."""
    assert scale_of([Extent(0)], whole=True).whole
    assert scale_of([Extent(0)], whole=False).number(0) == 0
    assert scale_of([Extent(3, 2.5, 2.5, 2.5)], whole=False).number(0) == 2.5


def test_postgres_puts_every_number_into_the_same_cell(engine, postgres):
    """Two engines agree to the cell, on odd numbers and on many digits."""
    steps = [1.1**at * (-1) ** at for at in range(-300, 300)]
    halves = [(2 * at + 1) / 2 / 10**power for at in range(1, 300) for power in (0, 3)]
    for values in ([*ODD, *SPECIAL], [*steps, *halves, *SPECIAL], [40.7, 40.71234]):
        data = as_table(values, pa.float64())
        local = engine.create_table("t", data, overwrite=True)
        with table_on(postgres, data) as (source, ask):
            assert cells_of(source, ask) == cells_of(local, rows)


# --- bins ----------------------------------------------------------------------------


def test_number_bins_are_at_most_50_and_lose_no_row():
    """Each has about a fiftieth of both samples, however large the other is."""
    cells = [Bin(at, at, 7, 50 * (at % 5)) for at in range(1_000)]
    bins = bin_numbers(cells)

    assert 45 <= len(bins) <= 50
    assert {one.train for one in bins[:-1]} <= {140, 147}
    assert sum(one.train for one in bins) == 7_000
    assert sum(one.live for one in bins) == 100_000


def test_number_bins_are_fewer_for_small_samples():
    """Each is to expect 5 rows of the smaller sample."""
    cells = [Bin(at, at, 1, 1) for at in range(60)]

    assert len(bin_numbers(cells)) == 12


def test_numbers_that_only_live_rows_have_get_bins_of_their_own():
    """What lies beyond what was learned is told from it, also from a constant."""
    cells = [Bin(0, 0, 0, 30), Bin(5, 5, 200, 40), Bin(9, 9, 0, 30)]

    assert bin_numbers(cells) == tuple(cells)


def test_numbers_of_few_rows_are_merged_with_their_neighbours():
    """A handful of rows far out is no bin."""
    cells = [Bin(0, 0, 1, 2), Bin(5, 5, 100, 90), Bin(9, 9, 2, 1)]

    assert bin_numbers(cells) == (Bin(0, 9, 103, 93),)


def test_value_bins_do_not_depend_on_which_values_were_drawn_often_for_training():
    """Values are chosen by both samples, and rare ones are one bin."""
    counts = {"often": (50, 60), "train": (9, 0), "live": (0, 9), "new": (0, 40)}

    assert bin_values(counts) == (
        Bin("often", "often", 50, 60),
        Bin("new", "new", 0, 40),
        Bin(OTHERS, OTHERS, 9, 9),
    )


def test_labels_of_numbers_do_not_tell_the_lowest_and_the_highest():
    """The ends could be the values of one person."""
    bins = [Bin(1, 20, 9, 9), Bin(21.5, 21.5, 9, 9), Bin(22, 1_234_567, 9, 9)]

    assert labels_of(bins, restricted=False) == ["up to 20", "21.5", "22 and more"]
    assert labels_of(bins[:1], restricted=False) == ["all"]


def test_bars_of_numbers_expect_10_rows_of_either_side():
    """Bars that could all be told as "<10" only would show nothing."""
    bins = [Bin(at, at, 3, 4) for at in range(40)]

    assert {one.train for one in bars_of(bins)} == {12}
    assert len(bars_of(bins)) == 10
