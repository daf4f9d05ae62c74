"""Outcomes as answers of the Radiology Insights API; not written yet."""
