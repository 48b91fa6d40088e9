"""What is looked at: the catalogue of checks (checks.yaml), subjects, and findings without data.

Functions take models and return findings.
It opens no file and measures nothing; that is for `measure`.
"""
