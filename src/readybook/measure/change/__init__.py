"""Whether a series was collected in one way: series, segments, steps, seasons.

numpy over aggregates that were read once.
Causes are not named; a step is a question.
"""
