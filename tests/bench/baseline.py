"""
What one would write in an afternoon: hl7apy, medspaCy as it comes, fhir.resources.

The same message and the same target rules as ours; medspaCy's default pipeline (PyRuSH sentences, its own ConText
rules, sections), one Observation for each target that is not negated. No de-identification, no recommendations, no
evidence: it does less than the adapter, so the comparison favours it. PyRuSH's logging of every token is off here,
as it would only slow the baseline down.
"""

import json
from pathlib import Path
from typing import Any

from tests.conftest import ROOT


def load() -> Any:
    """MedspaCy's default pipeline with the project's target rules."""
    from loguru import logger

    logger.disable("PyRuSH")
    import medspacy
    from medspacy.ner import TargetRule

    nlp = medspacy.load()
    rules = json.loads((ROOT / "mappings" / "nlp" / "targets.json").read_text(encoding="utf-8"))["target_rules"]
    nlp.get_pipe("medspacy_target_matcher").add(
        [TargetRule(rule["literal"], rule["category"], metadata=rule["metadata"]) for rule in rules])
    return nlp


def convert(payload: bytes, nlp: Any) -> str:
    """The message as a bundle of Observations, JSON."""
    from fhir.resources.R4B.bundle import Bundle
    from hl7apy.parser import parse_message

    message = parse_message(payload.decode("utf-8"), find_groups=False, validation_level=2)
    text = "\n".join(obx.obx_5.value for obx in message.obx)
    entries = []
    for number, entity in enumerate(nlp(text).ents):
        if entity.label_ != "FINDING" or entity._.is_negated:
            continue
        resource = {"resourceType": "Observation", "id": str(number), "status": "final",
                    "code": {"coding": [{"system": "http://snomed.info/sct"}], "text": entity.text},
                    "subject": {"reference": "Patient/1"}}
        entries.append({"fullUrl": f"urn:uuid:{number}", "resource": resource,
                        "request": {"method": "PUT", "url": f"Observation/{number}"}})
    return str(Bundle.model_validate({"type": "transaction", "entry": entries}).model_dump_json())


def sample() -> bytes:
    """The shipped CT report of about 2 kB that all figures are measured on."""
    return Path(ROOT / "samples" / "hl7v2" / "ct-chest-nodule.hl7").read_bytes()
