"""HL7 v2: ORU^R01 and MDM^T02 in ER7."""

from fhir_adapter.readers.hl7v2.reader import READER

__all__ = ["READER"]
