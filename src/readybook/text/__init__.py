"""Text in and text out: YAML and JSON with the line of every key, refusals, safe writing.

What reads a file reports every problem of it at once.
It knows formats and paths, and nothing of questions, data or verdicts.
"""
