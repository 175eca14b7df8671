"""How the learned labeller is trained: gold alignment, weak labels, folds by host, the train command.

Not part of the installed package. Reads a folder of pages with known article text and writes the model
files that `pipelines.model` loads.
"""
