"""Many cases on one page: the row of each, what holds most of them back, who owes what.

Pure: a row is made of one `Case`, everything else of rows. No figure is averaged, and
no team is ranked.
"""
