"""What verifying finds and how it is counted."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from archive.values import Value

#: Of each check so many faults are kept to be told; the others are counted.
MAX_TOLD = 1000


class Fault(Value, frozen=True, kw_only=True):
    """One broken promise. `sentence` says what and where, `advice` what to try."""

    check: str
    sentence: str
    advice: str
    file: str = ""
    offset: int | None = None


class Checked(Value, frozen=True, kw_only=True):
    """One check: what it promises, how many things were looked at, how many of them are at fault."""

    name: str
    promise: str
    checked: int
    faults: int


class Report(Value, frozen=True, kw_only=True):
    """The outcome of verifying. `faults` holds at most MAX_TOLD of each check; `checks` has their numbers."""

    files: int
    records: int
    bytes: int
    checks: tuple[Checked, ...]
    faults: tuple[Fault, ...]

    @property
    def sound(self) -> bool:
        """Whether every promise is kept."""
        return not any(check.faults for check in self.checks)

    def to_json(self) -> str:
        """The same for machines, with `sound` beside it."""
        import msgspec

        return json.dumps({"sound": self.sound, **msgspec.to_builtins(self)})


class Tally:
    """Counts of checks while they run, and the faults to be told."""

    def __init__(self) -> None:
        self._checked: dict[str, int] = {}
        self._faults: dict[str, int] = {}
        self.told: list[Fault] = []

    def looked(self, check: str, count: int = 1) -> None:
        """So many more things were looked at."""
        self._checked[check] = self._checked.get(check, 0) + count

    def found(self, faults: Iterable[Fault]) -> None:
        """Count faults, and keep the first of each check."""
        for fault in faults:
            count = self._faults[fault.check] = self._faults.get(fault.check, 0) + 1
            if count <= MAX_TOLD:
                self.told.append(fault)

    def result(self, name: str, promise: str) -> Checked:
        """A check's numbers so far."""
        return Checked(
            name=name,
            promise=promise,
            checked=self._checked.get(name, 0),
            faults=self._faults.get(name, 0),
        )


Row = tuple[Any, ...]
