"""What is asked of the rows of a table, and of each field.

Keys, joins, history, gaps and arrivals; type, range, categories, missing values, stand-ins, label.
Each check takes a table that is open and returns findings; change over time is next door, in `change`.
"""
