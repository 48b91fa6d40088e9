"""Question banks: ours, those of a team, and what each version asked.

A bank is read, joined and fingerprinted here.
It judges no answer; whether a bank can be answered at all is for `score.lint`.
"""
