"""Evaluations against reports that others annotated; run by hand, as in `python -m tests.eval.openi`."""
