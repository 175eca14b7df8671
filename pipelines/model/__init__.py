"""The learned labeller: trained files, features, trees in numpy. Training lives outside the package."""

from pipelines.model.bundle import Bundle, ModelError
from pipelines.model.labeller import CONFIDENT, Judgement, ModelLabeller, Weight, learned

__all__ = ["CONFIDENT", "Bundle", "Judgement", "ModelError", "ModelLabeller", "Weight", "learned"]
