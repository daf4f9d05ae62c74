"""fhir-adapter: radiology reports in, coded FHIR R4 insights out, on the hospital's own machines."""

__version__ = "0.1.0"
