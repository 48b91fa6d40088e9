"""What machines, accounts and the route to production gave, and who permits what.

Tables and charts over probes, resources and deployments.
Nothing is probed here.
"""
