"""What the machine at hand gives a job, read without changing anything.

"Not visible" and "denied" are answers of their own.
It judges no need; that is for `checks`.
"""
