"""A trained model as shipped: lexicons, tree ensembles, class names, feature names, in one file.

The file is numpy's own archive of arrays, written without pickles: loading one runs no code.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO, Final
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from pipelines.model.lexical import BUCKETS
from pipelines.model.page import Lexicons
from pipelines.model.trees import Trees

#: Lexicon values are shipped as signed bytes: log-odds in steps of 1/20.
STEP: Final = 20.0
FORMS: Final = ("html", "text")


class ModelError(ValueError):
    """A model file that cannot be used: which, why, what to try."""


class Bundle:
    """What one form of page (`html` or `text`) needs to be labelled."""

    def __init__(self, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        """Take the arrays of a model file; `ModelError` when one is missing or they do not fit."""
        try:
            self.lexicons = Lexicons(
                texts=arrays["lexicon.texts"].astype(np.float32) / np.float32(STEP),
                names=arrays["lexicon.names"].astype(np.float32) / np.float32(STEP),
            )
            self.features = tuple(str(name) for name in arrays["feature names"])
            self.classes = tuple(str(name) for name in arrays["classes"])
            self.keep = Trees(_part(arrays, "keep."))
            self.kinds = Trees(_part(arrays, "kinds."))
        except KeyError as missing:
            raise ModelError(
                f"model file: {missing} is missing; train it again (python -m training)"
            ) from missing
        except ValueError as bad:
            raise ModelError(f"model file: {bad}; train it again (python -m training)") from bad
        if len(self.lexicons.texts) != BUCKETS or self.keep.features != len(self.features):
            raise ModelError("model file: made for other features; train it again (python -m training)")


def _part(arrays: Mapping[str, npt.NDArray[Any]], prefix: str) -> dict[str, npt.NDArray[Any]]:
    return {name.removeprefix(prefix): a for name, a in arrays.items() if name.startswith(prefix)}


def load(source: Path | BinaryIO) -> Bundle:
    """Read a model file; `ModelError` when it is none."""
    try:
        with np.load(source, allow_pickle=False) as arrays:
            return Bundle({name: arrays[name] for name in arrays.files})
    except ModelError:
        raise
    except (OSError, EOFError, ValueError, BadZipFile) as bad:  # numpy refuses pickles with ValueError
        raise ModelError(f"model file: {bad}") from bad


def quantised(values: npt.NDArray[np.float32]) -> npt.NDArray[np.int8]:
    """Log-odds as the file holds them."""
    return np.asarray(np.clip(np.rint(values * STEP), -127, 127), dtype=np.int8)
