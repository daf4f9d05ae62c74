"""Small annotated reports, written for a test."""

import json

GOLD = ("ageMismatch", "sexMismatch", "lateralityDiscrepancy", "completeOrderDiscrepancy", "limitedOrderDiscrepancy",
        "findings", "measurements", "criticalResults", "recommendations", "communications", "scores", "qualityMeasures",
        "contrastDiscrepancy")


def record(identity="a", text="FINDINGS: There is a nodule.", **gold):
    """A record of which only the given kinds were annotated."""
    return {"id": identity, "style": "caps", "text": text, "serviceDate": "2024-05-02",
            "patient": {"sex": "female", "birthDate": "1960-01-31"},
            "order": {"code": "71250", "system": "CPT", "display": "CT CHEST", "modality": "CT", "site": "chest",
                      "laterality": None, "contrast": None}, "gold": gold}


def finding(text, words, assertion="present", **more):
    """An annotated finding at the first place of its words."""
    return {"phrase": words, "start": text.index(words), "concept": words, "assertion": assertion, "site": None,
            "laterality": None, "sizes": []} | more


def lines(*records):
    """Records as a gold file."""
    return "".join(json.dumps(one) + "\n" for one in records).encode()
