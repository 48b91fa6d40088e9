"""Sheets for people who open neither notebook nor YAML: printed, filled in, read back.

Also the bank as a document to review.
Saving what was read is for `edit`.
"""
