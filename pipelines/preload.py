"""What cleaning an HTML page needs, loaded once in the fork server: every worker process begins with it."""

from __future__ import annotations

from contextlib import suppress

from pipelines import html_clean
from pipelines.model.bundle import ModelError
from pipelines.model.labeller import shipped

__all__ = ["html_clean"]

with suppress(ModelError):  # each page then says so, where somebody hears it
    shipped("html")
