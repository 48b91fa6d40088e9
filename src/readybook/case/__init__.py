"""One assessment as a folder: opened, checked across its files, frozen as milestones.

Every problem of a folder is reported in one go.
It decides nothing and draws nothing.
"""
