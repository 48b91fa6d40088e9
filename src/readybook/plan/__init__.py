"""When it is done, how sure that is, and what waiting costs.

Pure functions over declared steps, lead times and figures.
It opens no file and knows no question text.
"""
