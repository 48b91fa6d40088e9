"""What the data says: history, empty fields, categories, steps, drift, lineage.

Each chart states its finding in its title and carries its data.
Nothing is measured here.
"""
