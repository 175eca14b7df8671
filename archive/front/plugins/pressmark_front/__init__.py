"""The reading pages, a module each; `pressmark_pages` hangs them into Datasette.

Copied into an archive as it is: modules import the standard library, Datasette and markupsafe, and each other
by relative names, never a room of this house.
"""
