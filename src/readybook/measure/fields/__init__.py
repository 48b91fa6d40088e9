"""What is asked of one field: its type, range, categories, missing values, stand-ins, label.

Each check takes a table that is open and returns findings.
Change over time is next door, in `change`.
"""
