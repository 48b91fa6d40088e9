"""Changes to files that people write: an answer, a row, a scope fact, a sign-off.

A change is checked against the whole folder first, and written whole or not at all, with comments and order kept.
It knows nothing of widgets or pages.
"""
