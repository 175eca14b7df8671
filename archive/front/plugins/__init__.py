"""Datasette plugins that `write_front` copies into an archive: the reader's Datasette needs no pressmark.

Each module stands alone: it imports the standard library, Datasette and Jinja's markupsafe, never a room of
this house and never its neighbour.
"""
