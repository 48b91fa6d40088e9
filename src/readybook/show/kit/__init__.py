"""What every fragment is made of: the fragment itself, tables, figures, colours.

One place escapes what people typed.
It knows nothing of what is shown.
"""
