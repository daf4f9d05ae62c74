"""
The answer in the sender's own terms: places in the text as sent, the sender's dates and ids, the API's codes.

Evidence is one published extension `derivation-reference` for each token, as the reference service gives it. A token is
a run of word characters or one other character that is no space; offset and length count Unicode code points.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count

from fhir_adapter.emitters.elements import BASE, Resource, concept, date_time, number
from fhir_adapter.emitters.evidence import CONFIDENCE, RULE, URL
from fhir_adapter.model.code import Code
from fhir_adapter.model.inference import InferenceOptions, InferenceRequest
from fhir_adapter.model.insight import CriticalResult, Insight, Urgency
from fhir_adapter.model.reading import Reading, SectionKind
from fhir_adapter.model.report import JSON, Moment
from fhir_adapter.model.span import Span
from fhir_adapter.tables.emission import EmissionTables

STATEMENT = f"{BASE}/StructureDefinition/statement"
URGENCY = f"{BASE}/StructureDefinition/urgency"
WITHIN = f"{BASE}/StructureDefinition/within-minutes"
_TOKEN = re.compile(r"\w+|[^\w\s]")
_LOINC_OID = "2.16.840.1.113883.6.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the parts of one answer are said with. `days` is by how many the safe text's dates were moved.

    It is None where of dates only the year stayed; then a date that the text tells cannot be told back.
    """

    request: InferenceRequest
    reading: Reading
    days: int | None
    codes: Mapping[tuple[str, str], Code]
    modalities: Mapping[str, Code]
    """By DICOM modality."""
    emission: EmissionTables
    places: frozenset[Span] = field(init=False, repr=False)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1), repr=False)

    def __post_init__(self) -> None:
        whole = Span(0, len(self.reading.report.text))
        object.__setattr__(self, "places", frozenset((whole, *(section.span for section in self.reading.sections))))

    @property
    def options(self) -> InferenceOptions:
        """What the client asked for."""
        return self.request.options

    def next_id(self) -> str:
        """The id of the next Observation: an ordinal, which tells nothing."""
        return str(next(self._numbers))

    def words(self, *spans: Span | None) -> list[JSON]:
        """The tokens of stretches of the safe text, as extensions; none where the client wants no evidence.

        A whole section or text, which stands for something missing, is no words.
        """
        if not self.options.include_evidence:
            return []
        safe = self.reading.report
        meant = dict.fromkeys(safe.offsets.to_original(span) for span in spans if span and span not in self.places)
        tokens = dict.fromkeys(match.span() for span in meant
                               for match in _TOKEN.finditer(self.request.report.text, span.start, span.end))
        return [self._token(start, end - start) for start, end in tokens]

    def _token(self, offset: int, length: int) -> JSON:
        return {"url": URL, "extension": [
            {"url": "reference", "valueReference": {"reference": self.request.document_id}},
            {"url": "offset", "valueInteger": offset}, {"url": "length", "valueInteger": length}]}

    def code(self, use: str, value: str, *spans: Span | None) -> Resource:
        """One of the API's codes with the words that it was chosen by."""
        return self.concept(self.codes[use, value], *spans)

    def concept(self, code: Code, *spans: Span | None) -> Resource:
        """A CodeableConcept with the words that it was chosen by."""
        return extended(concept(code), self.words(*spans))

    def date(self, moment: Moment | None) -> str:
        """A moment of the safe text as the sender has it; empty where there is none or it cannot be told."""
        return "" if moment is None or self.days is None else date_time(moment - timedelta(days=self.days))

    def place(self, *spans: Span) -> str:
        """Stretches of the safe text as `start-end` of the text as sent, several joined by `;`."""
        found = [self.reading.report.offsets.to_original(span) for span in spans]
        return ";".join(f"{span.start}-{span.end}" for span in found)

    def section(self, kind: SectionKind) -> list[JSON]:
        """The section that something stands in; it is given with and without evidence."""
        code = self.codes.get(("section", kind.value), self.codes["section", "other"])
        told = (("code", code.code), ("codingSystem", _LOINC_OID), ("codingSystemName", code.system),
                ("displayName", code.display))
        return [{"url": "section", "extension": [{"url": url, "valueString": value} for url, value in told]}]

    def reasons(self, insight: Insight) -> list[JSON]:
        """For who asked for a verbose answer: the insight in a sentence, its rule, how sure and how urgent it is."""
        if not self.options.verbose:
            return []
        out: list[JSON] = [{"url": STATEMENT, "valueString": insight.statement}]
        if insight.rule:
            out.append({"url": RULE, "valueString": insight.rule})
        if insight.confidence is not None:
            out.append({"url": CONFIDENCE, "valueDecimal": number(insight.confidence)})
        if insight.urgency is not Urgency.NONE:
            urgency = concept(self.emission.codes["urgency", insight.urgency.value])
            out.append({"url": URGENCY, "valueCodeableConcept": urgency})
        if isinstance(insight.detail, CriticalResult):
            out.append({"url": WITHIN, "valueInteger": insight.detail.within_minutes})
        return out


def extended(element: Resource, extensions: list[JSON]) -> Resource:
    """The element with its extensions; an empty list is no JSON that FHIR knows, so there is none."""
    return element | {"extension": extensions} if extensions else element
