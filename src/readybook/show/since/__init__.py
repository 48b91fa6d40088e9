"""What moved between two looks at a case, and what moved it.

The same words serve the page and the command line.
Scoring the two looks is for `score`.
"""
