"""Requests of the Radiology Insights API as reports; not written yet."""
