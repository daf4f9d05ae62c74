"""
An HL7 v2 message as radiology reports, one for each order group.

ORU^R01 (chapter 7.3.1) and MDM^T02 (chapter 9.6.2), versions 2.1 to 2.8.2. Statuses by hl7/tables/, times by the zone
in the settings, study identity from ZDS, IPC, OBX 113014, OBR-18 and OBR-3 in this order.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from fhir_adapter.errors import NonconformantMessage, TooLargeMessage, UnsupportedMessage
from fhir_adapter.issues import Issue
from fhir_adapter.model.code import CPT, LOINC, Code
from fhir_adapter.model.report import (
    Identifier,
    Moment,
    Order,
    Origin,
    Patient,
    Report,
    ReportStatus,
    Sex,
    Study,
)
from fhir_adapter.readers import Named, order
from fhir_adapter.readers.hl7v2 import identifiers, text, times
from fhir_adapter.settings import Settings
from fhir_adapter.tables import Tables
from fhir_adapter.tables.messages import MessageTables
from fhir_adapter.wire import charsets, frames
from fhir_adapter.wire.er7 import Message, Segment, parse

_VERSION = re.compile(r"2\.[1-8](\.[12])?")
_SEXES = {"F": Sex.FEMALE, "M": Sex.MALE, "O": Sex.OTHER, "A": Sex.OTHER, "N": Sex.OTHER, "U": Sex.UNKNOWN}
_CODE_SYSTEMS = {"LN": LOINC, "LNC": LOINC, "C4": CPT, "CPT": CPT, "CPT4": CPT, "SCT": "http://snomed.info/sct",
                 "RADLEX": "http://radlex.org"}
# HL7 table 0074: sections of the laboratory. RAD, RX, RUS, CT, NMR and the like are ours.
_LABORATORY = {"BG", "BLB", "CG", "CH", "CP", "CSL", "GE", "HM", "IMM", "LAB", "MB", "MCB", "MYC", "PAR", "SP", "SR",
               "TX", "VR", "ICU", "PHR"}
_A_REPORT = 200
_NEED_NO_TEXT = (ReportStatus.CANCELLED, ReportStatus.ENTERED_IN_ERROR)
"""A report that is taken back is often sent without its text; that it is taken back must not be lost."""


@dataclass(frozen=True, slots=True)
class HL7v2Reader:
    """Reads ER7; see `fhir_adapter.readers.Reader`."""

    name: str = "hl7v2"

    def detects(self, payload: bytes) -> bool:
        """Whether an MSH or a batch header stands first, in 8-bit text or UTF-16."""
        beginning = frames.strip(payload)[:12]
        return beginning.startswith((b"MSH", b"FHS", b"BHS", b"\xff\xfeM", b"\xfe\xff\x00M")) or (
            beginning.replace(b"\x00", b"").startswith(b"MSH"))

    def read(self, payload: bytes, *, settings: Settings, tables: Tables) -> tuple[Report, ...]:
        """One report for each order group with text; a MessageError where there is none."""
        message = opened(payload, settings)
        _check(message)
        return _reports(message, settings, tables.messages)

    def named(self, payload: bytes, *, settings: Settings, tables: Tables) -> Named:
        """Whom a message of any type names: identifiers, the patient of each PID, the day of its first OBR."""
        message = opened(payload, settings)
        order_segment = message.first("OBR")
        service = _time(order_segment, 7, settings)[0] if order_segment is not None else None
        one = Report(text="", origin=Origin(format="hl7v2", version=message.header.value(12),
                                            identity=message.header.value(10)),
                     service=service, identifiers=identifiers.collect(message, tables.messages))
        return Named(tuple(replace(one, patient=_patient(pid)[0]) for pid in message.all("PID")) or (one,), message)

    def validate(self, payload: bytes, *, settings: Settings, tables: Tables) -> tuple[Issue, ...]:
        """What hl7apy and our profile say against the message."""
        from fhir_adapter.readers.hl7v2 import conformance

        message = opened(payload, settings)
        return (*message.issues, *conformance.judge(message, tables.messages))


READER = HL7v2Reader()


def opened(payload: bytes, settings: Settings) -> Message:
    """The bytes of one message, split; raises on size, character set, null bytes and delimiters."""
    if len(payload) > settings.max_message_bytes:
        raise TooLargeMessage(Issue.at("HL7-118"))
    bare = frames.strip(payload)
    content, codec, issues = charsets.decode(bare)
    return replace(parse(content, codec), issues=issues)


def _check(message: Message) -> None:
    kind, event = message.header.value(9), message.header.value(9, 2)
    if kind == "ACK" or (not kind and message.first("MSA") is not None):
        raise UnsupportedMessage(Issue.at("HL7-122", "MSH-9"))
    if kind not in ("ORU", "MDM"):
        raise UnsupportedMessage(Issue.at("HL7-103", "MSH-9"))
    if event not in ("R01", "T02", "") or (kind == "MDM" and event != "T02"):
        raise UnsupportedMessage(Issue.at("HL7-104", "MSH-9.2"))
    if not _VERSION.match(message.header.value(12)):
        raise UnsupportedMessage(Issue.at("HL7-105", "MSH-12"))
    if message.first("PID") is None:
        raise NonconformantMessage(Issue.at("HL7-106", "PID"))
    if message.first("OBR" if kind == "ORU" else "TXA") is None:
        raise NonconformantMessage(Issue.at("HL7-107", "OBR" if kind == "ORU" else "TXA"))


def _groups(message: Message) -> Iterator[tuple[Segment, ...]]:
    """Segments from one OBR (or TXA) to the next; a document notification is one group."""
    if message.header.value(9) == "MDM":
        yield message.segments
        return
    group: list[Segment] = []
    for segment in message.segments:
        if segment.name == "OBR":
            if group:
                yield tuple(group)
            group = [segment]
        elif group and segment.name not in ("ORC", "PID"):
            group.append(segment)
    yield tuple(group)


def _reports(message: Message, settings: Settings, tables: MessageTables) -> tuple[Report, ...]:
    found = identifiers.collect(message, tables)
    pid = message.first("PID")
    assert pid is not None  # _check refused the message otherwise
    patient, patient_issues = _patient(pid)
    refusals: list[Issue] = []
    seen: dict[str, int] = {}
    made: list[Report] = []
    for group in _groups(message):
        head = next((s for s in group if s.name in ("OBR", "TXA")), group[0])
        collected = text.collect(group, settings=settings, tables=tables)
        described = _order(message, head, tables)
        if not collected.joined().strip() and _status(group, head, tables)[0] not in _NEED_NO_TEXT:
            laboratory = text.numeric_only(group) or head.value(24) in _LABORATORY
            if laboratory:
                refusals.append(Issue.at("HL7-121", "OBX-2"))
            else:
                refusals.extend(i for i in collected.issues if i.code.startswith(("DOC", "HL7-117")))
                refusals.append(Issue.at("HL7-108", "OBX-5"))
            continue
        if _is_laboratory(group, head, described, collected, message):
            refusals.append(Issue.at("HL7-121", "OBR-24" if head.value(24) else "OBX-2"))
            continue
        made.append(_report(message, group, head, collected, described, patient, found, seen, settings, tables,
                            (*message.issues, *patient_issues)))
    if not made:
        if any(issue.code == "HL7-121" for issue in refusals):
            raise UnsupportedMessage(*refusals)
        raise NonconformantMessage(*refusals)
    # A group that gives no report beside one that does is told with the last report, so that none vanishes in silence.
    return (*made[:-1], replace(made[-1], issues=(*made[-1].issues, *refusals)))


def _is_laboratory(group: tuple[Segment, ...], head: Segment, described: Order, collected: text.Collected,
                   message: Message) -> bool:
    if head.value(24).upper() in _LABORATORY:
        return True
    # Words enough for a report are a report, whatever numbers stand beside them; remarks on results are not.
    words = collected.length - collected.remarks
    ours = (words > _A_REPORT or collected.sectioned or described.modality or message.first("ZDS")
            or message.first("IPC") or any(s.name == "OBX" and s.value(3) == "113014" for s in group))
    return not ours and text.numeric_only(group)


def _report(message: Message, group: tuple[Segment, ...], head: Segment, collected: text.Collected, described: Order,
            patient: Patient, found: tuple[Identifier, ...], seen: dict[str, int], settings: Settings,
            tables: MessageTables, issues: tuple[Issue, ...]) -> Report:
    is_order = head.name == "OBR"
    status, status_issues = _status(group, head, tables)
    if collected.addendum and status is ReportStatus.FINAL:
        status = ReportStatus.APPENDED
    service, service_issue = _time(head, 7 if is_order else 4, settings)
    issued, issued_issue = _time(head, 22 if is_order else 6, settings)
    study = _study(message, group, head)
    identity = head.value(3) if is_order else head.value(12)
    identity = identity or study.accession or (head.value(2) if is_order else "") or message.header.value(10)
    seen[identity] = seen.get(identity, 0) + 1
    if seen[identity] > 1:
        identity = f"{identity}#{seen[identity]}"
    return Report(
        text=collected.joined(),
        origin=Origin(format="hl7v2", version=message.header.value(12), sender=message.header.value(4),
                      message_id=message.header.value(10), identity=f"{message.header.value(4)}|{identity}"),
        status=status,
        patient=patient,
        order=described,
        study=study,
        service=service or issued,
        issued=issued,
        paragraphs=tuple(collected.paragraphs),
        identifiers=found,
        unused=_unused(message, tables),
        issues=(*issues, *status_issues, *service_issue, *issued_issue, *collected.issues),
    )


def _patient(pid: Segment) -> tuple[Patient, tuple[Issue, ...]]:
    issues = []
    key = ""
    for field in (3, 2, 4):
        repetitions = range(1, len(pid.repetitions(field)) + 1)
        # Several identifiers: the medical record number is the one that stays.
        ranked = sorted(repetitions, key=lambda r: pid.value(field, 5, r) not in ("MR", "MRN"))
        key = next((f"{pid.value(field, 1, r)}|{pid.value(field, 4, r)}" for r in ranked if pid.value(field, 1, r)), "")
        if key:
            break
    if not pid.raw(3):
        issues.append(Issue.at("HL7-116", "PID-3"))
    birth = times.day(pid.value(7))
    if pid.value(7) and birth is None:
        issues.append(Issue.at("HL7-115", "PID-7"))
    return Patient(key=key, sex=_SEXES.get(pid.value(8).upper()[:1], Sex.UNKNOWN), birth_date=birth), tuple(issues)


def _time(segment: Segment, field: int, settings: Settings) -> tuple[Moment | None, tuple[Issue, ...]]:
    value = segment.value(field)
    found = times.moment(value, settings.timezone)
    return found, (Issue.at("HL7-115", segment.place(field)),) if value and found is None else ()


def _status(group: tuple[Segment, ...], head: Segment,
            tables: MessageTables) -> tuple[ReportStatus, tuple[Issue, ...]]:
    if head.name == "TXA":
        word = head.value(17).upper()
        status = tables.document_status.get(word)
        return (status, ()) if status else (ReportStatus.UNKNOWN, (Issue.at("HL7-114", "TXA-17"),))
    places = [(head, 25), *((s, 11) for s in group if s.name == "OBX")]
    missing = () if head.value(25) else (Issue.at("HL7-113", head.place(25)),)
    for segment, field in places:
        if word := segment.value(field).upper():
            status = tables.result_status.get(word)
            if status is None:
                return ReportStatus.UNKNOWN, (*missing, Issue.at("HL7-114", segment.place(field)))
            return status, missing
    return ReportStatus.UNKNOWN, missing


def _order(message: Message, head: Segment, tables: MessageTables) -> Order:
    if head.name == "TXA":
        obr = message.first("OBR")
        if obr is None:
            return order.describe(code=None, text=head.value(2), modality="", tables=tables)
        head = obr
    identifier, words = head.value(4, 1), head.value(4, 2)
    more = " ".join(head.value(4, n) for n in (4, 5) if head.value(4, n) != words)
    code = Code(system=_CODE_SYSTEMS.get(head.value(4, 3).upper(), ""), code=identifier,
                display=words) if identifier else None
    said = order.describe(code=code, text=f"{words} {more} {head.value(15, 4)}", modality=head.value(24), tables=tables)
    reason = head.value(31, 2) or head.value(31, 1)
    return replace(said, text=words or more.strip(), reason=reason, placer_number=head.value(2),
                   filler_number=head.value(3))


def _study(message: Message, group: tuple[Segment, ...], head: Segment) -> Study:
    zds, ipc = message.first("ZDS"), message.first("IPC")
    observed = next((s.value(5) for s in group if s.name == "OBX" and s.value(3) == "113014"), "")
    uid = (zds.value(1) if zds else "") or (ipc.value(3) if ipc else "") or observed
    accession = (ipc.value(1) if ipc else "") or (head.value(18) if head.name == "OBR" else "")
    # OBR-18 is a placer's free field; many put words there. Without a digit it is no accession number.
    if not any(c.isdigit() for c in accession):
        accession = head.value(3) if head.name == "OBR" else head.value(14)
    series = tuple(s.value(5) for s in group if s.name == "OBX" and "series instance uid" in s.value(3, 2).lower())
    return Study(uid=uid.removeprefix("urn:oid:"), accession=accession, series=series)


_READ = {"MSH": {1, 2, 3, 4, 6, 9, 10, 12, 18}, "PID": {7, 8}, "OBR": {1, 4, 7, 15, 22, 24, 25, 31},
         "OBX": {1, 2, 3, 4, 5, 6, 7, 11}, "NTE": {1, 3}, "TXA": {1, 2, 4, 6, 17}, "ZDS": {1}, "IPC": {1, 3},
         "ORC": set()}


def _unused(message: Message, tables: MessageTables) -> tuple[str, ...]:
    places: dict[str, None] = {}
    for segment in message.segments:
        read = _READ.get(segment.name, set()) | {s.field for s in tables.identifiers.get(segment.name, ())}
        for number, raw in enumerate(segment.fields[1:], start=1):
            if raw and number not in read:
                places.setdefault(f"{segment.name}-{number}")
    return tuple(places)
