"""A declared table as it was opened: its rows, clock, profile and stand-ins, each read once.

Every check of rows, fields, change and drift is given one of these.
Nothing is judged here.
"""
