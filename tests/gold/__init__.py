"""Synthetic annotated reports: `dev` to work with, `frozen` to measure with; see README.md."""
