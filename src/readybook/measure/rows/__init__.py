"""What is asked of the rows of a table: keys, joins, history, gaps, arrivals.

Each check takes a table that is open and returns findings.
Single fields are next door, in `fields`.
"""
