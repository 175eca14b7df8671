"""What kind of page a page is: an article, or what stands in an article's place; and who may read it.

Both ways of cleaning ask here, after labelling: `judge` and `access` take an `Evidence`, and neither
changes a block. Rules tell walls and errors by what the page says (`walls`), a learned judge tells lists,
forums and offers by form (`learned`); see docs/kinds.md.
"""

from pipelines.pagekind.access import access
from pipelines.pagekind.evidence import Evidence
from pipelines.pagekind.judge import judge
from pipelines.pagekind.signs import Signs, locked_words, signs_of
from pipelines.pagekind.walls import Found

__all__ = ["Evidence", "Found", "Signs", "access", "judge", "locked_words", "signs_of"]
