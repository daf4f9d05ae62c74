"""Which formats are read; the first reader that detects its format takes the message."""

from fhir_adapter.readers import Reader
from fhir_adapter.readers.dicom import READER as DICOM
from fhir_adapter.readers.fhir import READER as FHIR
from fhir_adapter.readers.hl7v2 import READER as HL7V2
from fhir_adapter.readers.plain import READER as PLAIN
from fhir_adapter.readers.radiology_insights import READER as JOB

READERS: tuple[Reader, ...] = (HL7V2, JOB, PLAIN, FHIR, DICOM)
