"""
HL7 v2 acknowledgements: MSH, MSA and, where something is wrong, ERR (chapter 2.9 and 2.15).

From 2.5 an ERR names location, table 0357 code, severity, our code, rule and mend (ERR-2, 3, 4, 5, 7, 8); before, its
location and code in ERR-1. Nothing of the message but its routing goes back.
"""

import re
from datetime import datetime

from fhir_adapter.errors import AdapterError, EngineError, MessageError, NonconformantMessage
from fhir_adapter.issues import CATALOGUE, Issue, Severity
from fhir_adapter.wire import charsets, frames
from fhir_adapter.wire.delimiters import Delimiters
from fhir_adapter.wire.er7 import Message, Segment, parse
from fhir_adapter.wire.escapes import escape

_PLACE = re.compile(r"([A-Z][A-Z0-9]{2})(?:\[(\d+)\])?(?:-(\d+)(?:\.(\d+))?)?")
_SEVERITIES = {Severity.FATAL: "F", Severity.ERROR: "E", Severity.WARNING: "W", Severity.INFORMATION: "I"}
_TEXTS = {"0": "Message accepted", "100": "Segment sequence error", "101": "Required field missing",
          "102": "Data type error", "103": "Table value not found", "104": "Value too long",
          "198": "Non-Conformant Cardinality", "199": "Other HL7 Error", "200": "Unsupported message type",
          "201": "Unsupported event code", "203": "Unsupported version id", "204": "Unknown key identifier",
          "205": "Duplicate key identifier",
          "207": "Application error"}


def code_of(error: AdapterError | None) -> str:
    """MSA-1: AA when all is well, AE when the message or we are at fault, AR when it is not one for us."""
    if error is None:
        return "AA"
    return "AE" if isinstance(error, EngineError | NonconformantMessage) else "AR"


def acknowledge(payload: bytes, issues: tuple[Issue, ...] = (), *, code: str, now: datetime,
                control_id: str) -> bytes:
    """The acknowledgement of `payload`, in its version, delimiters and character set as far as they can be read."""
    header, codec = _header(payload)
    mark = header.delimiters
    version = header.value(12) or "2.5"

    def field(number: int) -> str:
        return header.raw(number)

    kind = "ACK"
    if version >= "2.4":
        event = header.value(9, 2)
        kind = mark.component.join(("ACK", event, "ACK")) if event else "ACK"
    marks = header.raw(2) or "^~\\&"
    fields = [marks, field(5), field(6), field(3), field(4), now.strftime("%Y%m%d%H%M%S%z"), "", kind, control_id,
              field(11) or "P", version]
    fields += ["", "", "", "", "", field(18)] if field(18) else []
    segments = ["MSH" + mark.field + mark.field.join(fields)]
    errors = [issue for issue in issues if code != "AA" or issue.severity in (Severity.WARNING, Severity.INFORMATION)]
    first = escape(errors[0].rule, mark)[:80] if errors and code != "AA" else ""
    segments.append(mark.field.join(("MSA", code, field(10), first)).rstrip(mark.field))
    segments += [_error(issue, mark, modern=version >= "2.5") for issue in errors]
    return ("\r".join(segments) + "\r").encode(codec, "replace")


def _error(issue: Issue, mark: Delimiters, *, modern: bool) -> str:
    entry = CATALOGUE[issue.code]
    match = _PLACE.fullmatch(issue.where)
    segment, number, position, component = match.groups() if match else ("", "", "", "")
    if not modern:
        coded = mark.subcomponent.join((entry.hl7, _TEXTS[entry.hl7], "HL70357"))
        where = mark.component.join((segment or "MSH", number or "1", position or "", coded))
        return mark.field.join(("ERR", where))
    place = ""
    if segment:
        place = mark.component.join((segment, number or "1", position or "", "1" if component else "",
                                     component or "")).rstrip(mark.component)
    coded = mark.component.join((entry.hl7, _TEXTS[entry.hl7], "HL70357"))
    ours = mark.component.join((issue.code, escape(entry.rule, mark), "L"))
    return mark.field.join(("ERR", "", place, coded, _SEVERITIES[issue.severity], ours, "",
                            escape(entry.rule, mark), escape(entry.mend, mark)))


def _header(payload: bytes) -> tuple[Segment, str]:
    """MSH and codec of the payload, or those of a message that says nothing about itself."""
    try:
        bare = frames.strip(payload)
        text, codec, _ = charsets.decode(bare[:65536] if bare.startswith(b"MSH") and len(bare) > 65536 else bare)
        message: Message = parse(re.split(r"[\r\n]", text.lstrip())[0], codec)
    except (MessageError, UnicodeError):
        try:
            line = re.split(rb"[\r\n]", frames.strip(payload))[0].decode("latin-1")
            message = parse(line if line.startswith("MSH") else "MSH|^~\\&||||||||||P|2.5")
        except MessageError:
            message = parse("MSH|^~\\&||||||||||P|2.5")
        codec = "utf-8"
    return message.header, codec
