"""Notebooks run and joined into one HTML page.

It renders; it never measures and never changes a case.
What stands on the page is for `show`.
"""
