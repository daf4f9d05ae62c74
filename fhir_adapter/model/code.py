"""A code from a terminology, and the names of the terminologies."""

from dataclasses import dataclass

SNOMED_CT = "http://snomed.info/sct"
LOINC = "http://loinc.org"
RADLEX = "http://radlex.org"
DICOM = "http://dicom.nema.org/resources/ontology/DCM"
UCUM = "http://unitsofmeasure.org"
OWN = "http://fhir-adapter.invalid/fhir/CodeSystem/concepts"
"""Concepts without a code that could be sourced; mappings/nlp/own_concepts.csv is the CodeSystem."""
CPT = "http://www.ama-assn.org/go/cpt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """One concept of one terminology; two codes are equal when system and code are.

    `system` is the FHIR URI of the terminology, empty for a sender's local code.
    """

    system: str
    code: str
    display: str = ""

    def __post_init__(self) -> None:
        if not self.code:
            raise ValueError("a Code needs a code")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Code):
            return NotImplemented
        return (self.system, self.code) == (other.system, other.code)

    def __hash__(self) -> int:
        return hash((self.system, self.code))
