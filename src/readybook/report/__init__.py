"""Notebooks run, joined into one HTML page, one case or many.

It renders; it never measures and never changes a case.
What stands on the page is for `show`.
"""
