"""From claims and findings to bounds, levels, gates and the verdict, with the derivation of each.

What would settle it, what moved since, and what a bank can reach are computed here.
Pure functions; no file is opened and nothing is drawn.
"""
