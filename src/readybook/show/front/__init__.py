"""What leadership reads first, a module for each part of the front page.

Each fact stands once: what one part tells, the next refers to.
The chapters behind it are pieces of their own, outside of this folder.
"""
