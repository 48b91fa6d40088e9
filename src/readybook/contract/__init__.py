"""An ODCS contract, read into the declared data model.

The standard's keys and the properties that readybook adds are judged here.
It reads one document and never touches the data that the document names.
"""
