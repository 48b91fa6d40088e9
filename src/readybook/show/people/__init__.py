"""Who owns what, who has agreed to what, and who is missing.

Tables over the register.
No name is shown that the edition does not allow.
"""
