"""The proof: every question with its derivation, what was declared, what was measured, by which method.

These are the tables that a sceptical engineer reads.
Charts of data and machines have rooms of their own.
"""
