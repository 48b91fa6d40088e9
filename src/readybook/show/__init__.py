"""What people see: fragments of a page, as HTML that is escaped and complete without JavaScript.

A piece is a function of a `Case`; `workbook` lists all of them by name.
Nothing is fetched, measured or decided here.
"""
