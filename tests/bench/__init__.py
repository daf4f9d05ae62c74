"""Benchmarks: what takes how long, against a plain baseline, in one run."""
