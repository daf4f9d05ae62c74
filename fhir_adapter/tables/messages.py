"""The tables that the readers use: words for statuses, sections by code, words of an order."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from fhir_adapter.model.report import IdentifierKind, IdentifierRole, ReportStatus
from fhir_adapter.tables.load import document, rows


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionCode:
    """What an OBX-3 suffix or LOINC code says of its text: LOINC section (may be empty), the heading it stands for."""

    section: str
    heading: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderWord:
    """A word of an order and what it says: `kind` is modality, side or contrast."""

    word: str
    kind: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentifierField:
    """A field of HL7 v2 that names someone or something: its data type, what it holds and whose it is."""

    field: int
    type: str
    kind: IdentifierKind
    role: IdentifierRole


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileRule:
    """A field (or segment, where `field` is 0) that must have a value, and why."""

    id: str
    segment: str
    field: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageTables:
    """hl7/tables/ and mappings/order_words.csv and procedures.csv; statuses are keyed by the word in capitals."""

    result_status: Mapping[str, ReportStatus]
    document_status: Mapping[str, ReportStatus]
    sections: Mapping[str, SectionCode]
    order_words: tuple[OrderWord, ...]
    procedures: Mapping[str, str]
    """By the code of a procedure (CPT, LOINC, a site's own), the words of the order that it stands for."""
    identifiers: Mapping[str, tuple[IdentifierField, ...]]
    """By segment name."""
    profile: tuple[ProfileRule, ...]
    field_names: Mapping[str, tuple[str, ...]]
    """What the standard calls the fields of a segment, from the first on."""


def load(mappings: Path, hl7: Path) -> MessageTables:
    """Load the tables, or raise a TableError."""

    def statuses(name: str) -> Mapping[str, ReportStatus]:
        return MappingProxyType({r["word"]: ReportStatus(r["status"]) for r in rows(hl7 / "tables" / f"{name}.csv")})

    sections = {r["identifier"]: SectionCode(section=r["section"], heading=r["heading"])
                for r in rows(hl7 / "tables" / "observation_sections.csv")}
    words = [OrderWord(word=r["word"], kind=r["kind"], value=r["value"]) for r in rows(mappings / "order_words.csv")]
    procedures = {r["code"]: r["words"] for r in rows(mappings / "procedures.csv")}
    identifiers: dict[str, list[IdentifierField]] = {}
    for r in rows(hl7 / "tables" / "identifiers.csv"):
        identifiers.setdefault(r["segment"], []).append(IdentifierField(
            field=int(r["field"]), type=r["type"], kind=IdentifierKind(r["kind"]), role=IdentifierRole(r["role"])))
    profile = document(hl7 / "profiles" / "radiology_report.yaml")
    return MessageTables(
        profile=tuple(ProfileRule(id=r["id"], segment=r["segment"], field=r.get("field", 0), why=r["why"])
                      for r in profile["rules"]),
        field_names=MappingProxyType({r["segment"]: tuple(r["names"].split("|"))
                                      for r in rows(hl7 / "tables" / "field_names.csv")}),
        identifiers=MappingProxyType({segment: tuple(fields) for segment, fields in identifiers.items()}),
        result_status=statuses("result_status"),
        document_status=statuses("document_status"),
        sections=MappingProxyType(sections),
        # Longest first, so that "w/wo contrast" is not read as "wo contrast".
        procedures=MappingProxyType(procedures),
        order_words=tuple(sorted(words, key=lambda w: -len(w.word))),
    )
