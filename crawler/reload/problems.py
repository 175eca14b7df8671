"""What could not be read, said in a sentence."""

from __future__ import annotations

from archive.values import Value


class ReadProblem(Value, frozen=True, kw_only=True):
    """One file, line or record that gave no page. The others go on.

    `path` names the thing (with `:LINE` or `@OFFSET` where it is a part of a file); `sentence` says what is
    wrong and what to try.
    """

    path: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.path}: {self.sentence}"
