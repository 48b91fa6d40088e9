"""The first screens: the verdict band, what is asked of leadership, what stops the case.

What a director reads without opening anything.
Chapters and their proof are not here.
"""
