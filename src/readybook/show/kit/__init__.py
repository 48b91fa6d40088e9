"""What every piece is made of: the case it takes, fragments, tables, figures, colours.

One place escapes what people typed.
It knows nothing of what is shown.
"""
