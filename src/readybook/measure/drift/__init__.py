"""Training rows against live rows, field by field, from counts in bins.

Only what chance does not explain is reported.
Drift is never called a changed procedure.
"""
