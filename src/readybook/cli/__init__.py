"""One module a verb: its options, the call, what it prints, its exit code.

Nothing else in the package prints.
Whatever a verb does is done elsewhere.
"""
