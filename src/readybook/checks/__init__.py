"""What is looked at: the catalogue of checks, their subjects, and findings that need no data.

Functions take models and return findings.
It opens no file and measures nothing; that is for `measure`.
"""
