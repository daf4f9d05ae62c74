"""DICOM files (PS3.10): headers, and structured reports as report text."""

from fhir_adapter.readers.dicom.reader import READER

__all__ = ["READER"]
