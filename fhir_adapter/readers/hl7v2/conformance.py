"""
Conformance, judged by hl7apy's tables for the version in MSH-12 and by our profile.

Checked: segments and their order, required fields, data types, lengths, repetitions. Not checked: tables of codes
beyond the statuses that the reader uses. hl7apy's messages quote values, so only the place is taken from them.
"""

import re
from collections.abc import Iterator

from fhir_adapter.issues import Issue
from fhir_adapter.tables.messages import MessageTables, ProfileRule
from fhir_adapter.wire.er7 import Message

_RULES = (("Missing required", "HL7-131"), ("Missing", "HL7-131"), ("Cardinality", "HL7-134"),
          ("cardinality", "HL7-134"), ("length", "HL7-133"), ("Length", "HL7-133"),
          ("datatype", "HL7-132"), ("Datatype", "HL7-132"))
_PLACE = re.compile(r"\b([A-Z][A-Z0-9]{2})(?:_(\d{1,2}))?\b")


def judge(message: Message, tables: MessageTables) -> tuple[Issue, ...]:
    """Everything that does not conform, each place once, the profile's rules last."""
    found = dict.fromkeys((*_standard(message), *_profile(message, tables)))
    return tuple(found)


def _standard(message: Message) -> Iterator[Issue]:
    import logging

    from hl7apy.consts import VALIDATION_LEVEL
    from hl7apy.exceptions import HL7apyException
    from hl7apy.parser import parse_message
    from hl7apy.validation import Validator

    logging.getLogger("hl7apy").setLevel(logging.CRITICAL + 1)
    try:
        parsed = parse_message(message.encode().decode(message.codec), validation_level=VALIDATION_LEVEL.TOLERANT,
                               find_groups=True)
        _, errors, warnings = _validated(Validator, parsed)
    except (HL7apyException, AttributeError, KeyError, ValueError, IndexError, TypeError):
        # hl7apy fails in many ways on a structure that it does not know.
        yield Issue.at("HL7-130", "MSH-9")
        return
    for text in (*errors, *warnings):
        yield _issue(str(text))


def _validated(validator: object, parsed: object) -> tuple[bool, list[object], list[object]]:
    try:
        result = validator.validate(parsed, return_errors=True)  # type: ignore[attr-defined]
    except TypeError:
        result = validator.validate(parsed)  # type: ignore[attr-defined]
    return result if isinstance(result, tuple) else (bool(result), [], [])


def _issue(text: str) -> Issue:
    code = next((code for words, code in _RULES if words in text), "HL7-130")
    match = _PLACE.search(re.sub(r"\b[A-Z]{3}_[A-Z]\d\d\w*", " ", text))
    place = ""
    if match:
        place = match.group(1) + (f"-{int(match.group(2))}" if match.group(2) else "")
    return Issue.at(code, place)


def _profile(message: Message, tables: MessageTables) -> Iterator[Issue]:
    for rule in tables.profile:
        if not _holds(rule, message):
            yield Issue.at("HL7-136", f"{rule.segment}-{rule.field}" if rule.field else rule.segment)


def _holds(rule: ProfileRule, message: Message) -> bool:
    segments = list(message.all(rule.segment))
    if not rule.field:
        return bool(segments)
    return all(segment.value(rule.field) for segment in segments)
