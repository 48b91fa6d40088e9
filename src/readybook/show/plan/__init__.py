"""What happens next and when it is done: actions, steps, dates, costs.

Tables and charts over the forecast.
Nothing is simulated here.
"""
