"""Rows that the engine does not read as they lie, written into one Parquet file for the run.

Text files, cells of other programs, tables with a log, and files as rows of facts.
What does not fit is counted and told by number; no value of it is.
"""
