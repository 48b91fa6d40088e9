"""The question form of the notebooks: pure protocol, cards, and a widget around them.

What a browser says and what it is told are plain JSON messages (`session`, `room`); the
widget only carries them. No answer ever stands in a widget's traits.
"""
