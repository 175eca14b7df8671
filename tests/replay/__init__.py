"""Archives as other tools see them: validators, indexers, pywb in a real browser."""
