"""An ODCS contract, read into the declared data model.

The standard's package brings the schema and the models; our own properties are one
model beside them. It reads one document and never touches the data that it names.
"""
