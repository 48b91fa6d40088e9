"""A bank as a document to review, and sheets for people who open no notebook.

Sheets are printed, filled in and, as CSV, read back.
Saving what was read is for `edit`.
"""
