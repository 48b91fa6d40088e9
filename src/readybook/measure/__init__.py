"""Measuring: a source or a machine in, aggregates out.

Only `data`, `source` and what they call import the query engine; `machine` runs on a
bare machine and must stay light.
"""
