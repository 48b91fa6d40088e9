"""The verbs: their options, the call, what they print, their exit codes.

`main` imports the module of the verb that was chosen, and no other.
Nothing else in the package prints; whatever a verb does is done elsewhere.
"""
