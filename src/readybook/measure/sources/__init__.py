"""Where rows lie: files and servers, opened read-only under limits.

A refusal never carries a value of the data.
Nothing is judged here.
"""
