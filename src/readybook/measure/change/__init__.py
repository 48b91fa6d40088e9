"""Whether rows are as they were: over the days of a table, and live against training.

numpy over aggregates that were read once; only what chance does not explain is told.
Causes are not named: a step or a drift is a question.
"""
