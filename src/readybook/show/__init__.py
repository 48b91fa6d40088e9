"""What people see: fragments of a page, as HTML that is escaped and complete without JavaScript.

Functions take models and return something that a notebook can display.
Nothing is fetched, measured or decided here.
"""
