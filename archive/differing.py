"""What changed between two texts: the front's way of telling it, for the rest of the house.

The code stands among the front's plugins, which are copied into archives and import nothing of the house.
"""

from archive.front.plugins.pressmark_front.differing import Piece, Stretch, excerpt, pieces, stretches

__all__ = ["Piece", "Stretch", "excerpt", "pieces", "stretches"]
