"""People whom a message names, found in its own text (oru-radiology-450.jsonl). Prints JSON."""

import json
import re
from datetime import date
from tempfile import mkdtemp

from fhir_adapter import readers
from fhir_adapter import settings as settings_module
from fhir_adapter import tables as tables_module
from fhir_adapter.deid.surrogates import Surrogates
from fhir_adapter.deid.text import scrub_text
from fhir_adapter.errors import MessageError
from fhir_adapter.model.report import IdentifierKind
from tests.eval.reference import shared_data


def main() -> None:
    """A mention is a given and a family name of one person within twelve characters, in either order."""
    tables, settings = tables_module.load(), settings_module.load(data_dir=mkdtemp(), key="5a" * 32)
    mentions = whole = refused = 0
    misses = []
    for line in (shared_data() / "deid" / "oru-radiology-450.jsonl").read_text(encoding="utf-8").splitlines():
        try:
            payload = json.loads(line)["message"].encode()
            reports = readers.choose(payload).read(payload, settings=settings, tables=tables)
        except MessageError:
            refused += 1
            continue
        for report in reports:
            done = scrub_text(report.text, report.identifiers, days=70, near=date(2024, 1, 1), tables=tables.deid,
                              surrogates=Surrogates())
            hidden = {n for e in done.offsets.edits for n in range(e.before.start, e.before.end)}
            places = set()
            for identifier in report.identifiers:
                parts = dict(identifier.parts)
                if identifier.kind is IdentifierKind.NAME and {"given", "family"} <= set(parts):
                    a, b = re.escape(parts["given"]), re.escape(parts["family"])
                    between = r"[ ,\n]{1,2}(?:[A-Z]\.? )?"
                    places |= {m.span() for m in re.finditer(rf"\b(?:{a}{between}{b}|{b}{between}{a})\b", report.text,
                                                             re.IGNORECASE)}
            for start, end in places:
                mentions += 1
                left = [n for n in range(start, end) if report.text[n].isalnum() and n not in hidden]
                whole += not left
                if left:
                    misses.append(report.text[max(0, start - 20) : end + 20])
    print(json.dumps({"mentions": mentions, "whole": whole, "share": round(whole / max(1, mentions), 5),
                      "refused_messages": refused, "misses": misses[:20]}, indent=1))


if __name__ == "__main__":
    main()
