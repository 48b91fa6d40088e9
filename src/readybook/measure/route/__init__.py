"""How long a change takes to reach production, from a log of deployments.

Medians and percentiles, never rows.
Nothing is asked of a server.
"""
