"""
The words of a DiagnosticReport, each once: presentedForm, results, narrative, conclusion.

The richest form comes first: `presentedForm` (plain before HTML before RTF before PDF), else Observations with words,
else `text.div`. A conclusion is added as an impression where its words are not yet in the text. Generated narrative
that only repeats the structured fields is left out when there is anything better.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Any

from fhir_adapter.errors import MessageError, TooLargeMessage
from fhir_adapter.issues import Issue
from fhir_adapter.model.report import Paragraph
from fhir_adapter.model.span import Span
from fhir_adapter.readers.documents import text_of
from fhir_adapter.readers.fhir.parse import objects, string
from fhir_adapter.readers.fhir.references import Index, Located
from fhir_adapter.settings import Settings
from fhir_adapter.tables.messages import MessageTables

_ORDER = ("plain", "html", "rtf", "pdf")
_GENERATED = re.compile(r"Generated Narrative|^\s*id\s*:|\bstatus\s*:\s*(final|preliminary|registered)", re.IGNORECASE)
_HEADING = re.compile(r"\s*[A-Z][A-Za-z /&-]{3,40}:")
_IMPRESSION = "19005-8"

Part = tuple[str, str, str, str]
"""Text, source, LOINC section (may be empty), heading to put before it (may be empty)."""


def collect(report: Located, index: Index, *, settings: Settings,
            tables: MessageTables) -> tuple[str, tuple[Paragraph, ...], tuple[Issue, ...]]:
    """The report's text, where each part of it stood, and what could not be read; empty text where there is none."""
    issues: list[Issue] = []
    parts = _presented(report, settings, issues)
    results = list(_results(report, index, tables))
    if not parts:
        parts = results
    narrative = _narrative(report, settings, issues)
    conclusion = string(report.resource.get("conclusion"))
    if not parts and narrative and not (conclusion and _GENERATED.search(narrative[0])):
        parts = [narrative]
    if conclusion and _bare(conclusion) not in _bare(" ".join(part[0] for part in parts)):
        heading = "" if _HEADING.match(conclusion) else "IMPRESSION"
        parts.append((conclusion, f"{report.where}.conclusion", _IMPRESSION, heading))
    text, paragraphs = _join(parts)
    if len(text) > settings.max_text_characters:
        raise TooLargeMessage(Issue.at("FHIR-211", report.where))
    return text, paragraphs, tuple(issues)


def _bare(text: str) -> str:
    return re.sub(r"\W+", " ", text).lower().strip()


def _join(parts: list[Part]) -> tuple[str, tuple[Paragraph, ...]]:
    pieces: list[str] = []
    paragraphs = []
    position = 0
    for text, source, section, heading in parts:
        if heading:
            pieces.append(f"{heading}:")
            position += len(heading) + 2
        paragraphs.append(Paragraph(span=Span(position, position + len(text)), source=source, section=section))
        pieces.append(text)
        position += len(text) + 1
    return "\n".join(pieces), tuple(paragraphs)


def _presented(report: Located, settings: Settings, issues: list[Issue]) -> list[Part]:
    forms = []
    for number, form in enumerate(objects(report.resource.get("presentedForm"))):
        where = f"{report.where}.presentedForm[{number}]"
        media, data = string(form.get("contentType")), form.get("data")
        if not isinstance(data, str):
            if form.get("url"):
                issues.append(Issue.at("FHIR-209", f"{where}.url"))
            continue
        try:
            content = base64.b64decode(re.sub(r"\s+", "", data), validate=True)
            text = text_of(content, media, max_bytes=settings.max_document_bytes, where=where)
        except (binascii.Error, ValueError):
            issues.append(Issue.at("FHIR-213", f"{where}.data"))
            continue
        except TooLargeMessage:
            raise
        except MessageError as error:
            issues.extend(error.issues)
            continue
        rank = next((n for n, word in enumerate(_ORDER) if word in media), len(_ORDER))
        if text.strip():
            forms.append((rank, number, (text.strip("\n"), where, "", "")))
    return [min(forms)[2]] if forms else []


def _results(report: Located, index: Index, tables: MessageTables) -> Iterator[Part]:
    for reference in objects(report.resource.get("result")):
        found = index.follow(reference, report)
        if found is None:
            continue
        section = heading = ""
        for coding in objects((found.resource.get("code") or {}).get("coding")):
            known = tables.sections.get(string(coding.get("code")))
            if known:
                section, heading = known.section, known.heading
        words = [(string(found.resource.get("valueString")), "valueString")]
        notes = objects(found.resource.get("note"))
        words += [(string(note.get("text")), f"note[{n}]") for n, note in enumerate(notes)]
        for component_number, component in enumerate(objects(found.resource.get("component"))):
            words.append((string(component.get("valueString")), f"component[{component_number}].valueString"))
        for text, element in words:
            if text:
                yield text, f"{found.where}.{element}", section, "" if _HEADING.match(text) else heading
                heading = ""


def _narrative(report: Located, settings: Settings, issues: list[Issue]) -> Part | None:
    narrative: Any = report.resource.get("text")
    div = string(narrative.get("div")) if isinstance(narrative, dict) else ""
    if not div:
        return None
    where = f"{report.where}.text.div"
    try:
        text = text_of(div.encode(), "text/html", max_bytes=settings.max_document_bytes, where=where)
    except TooLargeMessage:
        raise
    except MessageError as error:
        issues.extend(error.issues)
        return None
    return (text, where, "", "") if text.strip() else None
