"""From a source to findings: data, machines, accounts and the route to production.

Only aggregates leave a source, and what cannot be measured is "not measured" with its reason.
It knows nothing of questions, answers or verdicts.
"""
