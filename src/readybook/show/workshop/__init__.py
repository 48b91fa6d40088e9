"""What leads a workshop: who is missing, how far everybody is, what to settle next.

For the facilitator; none of it is part of a report.
Answering itself is for `forms`.
"""
