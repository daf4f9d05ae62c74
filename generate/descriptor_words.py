"""
mappings/deid/descriptor_words.csv from the concept names of pydicom's SR dictionaries (MIT; DICOM PS3.16) and our own
concepts in mappings/nlp/.

    python -m generate.descriptor_words

Short descriptors (procedure names, body parts, code meanings) come from a finite vocabulary; a word outside of it is
taken out. Breeds of animals (CID 7480, 7481) are left out, since many are names of people or places.
"""

import csv
import json
import re
from itertools import groupby
from pathlib import Path

from pydicom.sr._concepts_dict import concepts

TARGET = Path(__file__).parent.parent / "mappings" / "deid" / "descriptor_words.csv"
_BREEDS = {7480, 7481, 7483, 7486}
OURS = [
    "prelim", "preliminary", "addendum", "corrected", "unsolicited", "routine", "stat", "urgent", "xray",
    "radiograph", "radiology", "radiological", "spondylosis", "radiculopathy", "deficiency", "utf", "unicode",
    "utc", "gmt", "outpatient", "inpatient", "emergency", "observation", "event", "examination", "exam",
    "impression", "findings", "report", "indication", "technique", "comparison", "history", "recommendation",
    "summary", "registered", "partial", "amended", "appended", "cancelled", "entered", "error", "active",
    "completed", "draft", "proposal", "plan", "order", "original", "reflex", "filler", "instance", "option",
    "revoked", "hold", "male", "female", "unknown", "usual", "official", "available", "arrived", "planned",
    "finished", "generated", "extensions", "additional", "empty", "transaction", "collection", "document",
    "message", "searchset", "batch", "history", "response", "kub", "mrcp", "mra", "cta", "pet", "spect", "dexa",
    "mammogram", "wo", "without", "contrast", "bilat", "bilateral",
]


def main() -> None:
    """Write the table."""
    words = set(OURS)
    for codes in (entry for scheme in concepts.values() for entry in scheme.values()):
        for meaning, groups in codes.values():
            if not _BREEDS & {int(number) for number in groups if str(number).isdigit()}:
                words.update(re.findall(r"[a-z]{2,}", meaning.lower()))
    nlp = TARGET.parent.parent / "nlp"
    for path in (nlp / "concepts.csv", nlp / "own_concepts.csv", nlp / "modalities.csv"):
        for row in csv.DictReader(path.open(encoding="utf-8", newline="")):
            words.update(re.findall(r"[a-z]{2,}", row["display"].lower()))
    for rule in json.loads((nlp / "targets.json").read_text(encoding="utf-8"))["target_rules"]:
        words.update(re.findall(r"[a-z]{2,}", rule["literal"].lower()))
    with TARGET.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("letter", "words"))
        for letter, group in groupby(sorted(words), key=lambda word: word[0]):
            writer.writerow((letter, " ".join(group)))


if __name__ == "__main__":
    main()
