"""
Measure the engine against the gold reports: python -m tests.eval.gold [dev|frozen] [--errors].

A mention is found where spans overlap; a finding's assertion, a measurement's numbers and unit and a score's system and
value must agree too. Recommendations and communications are matched one to one. A critical result counts as found where
any of an insight's words overlap a marked mention. Mismatches and discrepancies are judged once a report.
"""

import json
import re
import sys
from collections import defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from fhir_adapter import pipeline
from fhir_adapter import settings as settings_module
from fhir_adapter.model.code import CPT, LOINC, Code
from fhir_adapter.model.insight import Kind
from fhir_adapter.model.report import Contrast, Order, Origin, Patient, Report, Sex, Side
from fhir_adapter.model.span import Span
from fhir_adapter.service.adapter import adapter

GOLD = Path(__file__).parent.parent / "gold"
_SYSTEMS = {"CPT": CPT, "LOINC": LOINC}
_MODALITIES = {"XR": "DX", "FL": "RF", "DXA": "BMD"}
_DAYS = {"d": 1, "wk": 7, "mo": 30, "a": 365}
_REPORT_LEVEL = ((Kind.AGE_MISMATCH, "ageMismatch"), (Kind.SEX_MISMATCH, "sexMismatch"),
                 (Kind.LATERALITY_DISCREPANCY, "lateralityDiscrepancy"),
                 (Kind.COMPLETE_ORDER_DISCREPANCY, "completeOrderDiscrepancy"),
                 (Kind.LIMITED_ORDER_DISCREPANCY, "limitedOrderDiscrepancy"))


class Counts:
    """True positives, false positives and misses of each task, with the words of the errors."""

    def __init__(self):
        self.counts = defaultdict(lambda: [0, 0, 0])
        self.errors = []

    def add(self, task, gold, said):
        """Match two lists of (span, attributes) one to one."""
        left = list(said)
        for span, attributes, words in gold:
            hit = next((s for s in left if s[0].overlaps(span) and s[1] == attributes), None)
            if hit:
                left.remove(hit)
                self.counts[task][0] += 1
            else:
                self.counts[task][2] += 1
                self.errors.append((task, "missed", words, attributes))
        self.counts[task][1] += len(left)
        self.errors += [(task, "false", words, attributes) for _, attributes, words in left]

    def count(self, task, *, gold, said):
        """One yes or no."""
        if gold or said:
            self.counts[task][0 if gold and said else 1 if said else 2] += 1
            if gold != said:
                self.errors.append((task, "missed" if gold else "false", "", ""))


def report_of(record) -> Report:
    """A gold record as the readers would have read it."""
    order, patient = record["order"], record["patient"]
    birth = patient["birthDate"]
    return Report(
        text=record["text"], origin=Origin(format="hl7v2", message_id=record["id"], identity=record["id"]),
        patient=Patient(key=record["id"], sex=Sex(patient["sex"]) if patient["sex"] in set(Sex) else Sex.UNKNOWN,
                        birth_date=date.fromisoformat(birth) if birth else None),
        order=Order(code=Code(system=_SYSTEMS.get(order["system"], ""), code=order["code"], display=order["display"]),
                    text=order["display"], modality=_MODALITIES.get(order["modality"], order["modality"]),
                    side=Side(order["laterality"]) if order["laterality"] else None,
                    contrast=Contrast(order["contrast"]) if order["contrast"] else None),
        service=date.fromisoformat(record["serviceDate"]))


def _modality(word: str) -> str:
    return _MODALITIES.get(word, {"CR": "DX"}.get(word, word))


def _interval(interval) -> tuple | None:
    if interval is None or interval.vague or interval.unit.value not in _DAYS:
        return None
    days = _DAYS[interval.unit.value]
    low, high = interval.low, interval.high
    if low is not None and high is None:
        high = low
    return (_year(low and low * days), _year(high and high * days))


def _year(days: int | None) -> int | None:
    """Twelve months of 30 days are a year of 365: sentences say both ("annual CT in 12 months")."""
    return days if days is None else days + 5 * (days // 360) if days % 360 == 0 else days


def measure(records, loaded) -> Counts:
    """Every task over the records."""
    counts = Counts()
    for record in records:
        report = report_of(record)
        outcome = pipeline.understand(report, settings=loaded.settings, tables=loaded.tables, engine=loaded.engine)
        reading, text, gold = outcome.reading, record["text"], record["gold"]
        back = reading.report.offsets.to_original

        def marked(item):
            return Span(item["start"], item["start"] + len(item["phrase"]))

        def wanted(kind, key, gold=gold, marked=marked):
            return [(marked(i), key(i), i["phrase"]) for i in gold[kind]]

        def told(items, key, back=back, text=text):
            return [(back(i.span), key(i), back(i.span).of(text)) for i in items]

        counts.add("finding (any assertion)", wanted("findings", lambda i: ()), told(reading.findings, lambda i: ()))
        counts.add("finding + assertion", wanted("findings", lambda i: i["assertion"]),
                   told(reading.findings, lambda i: i.assertion.value))
        value = {"value": lambda i: (tuple(Decimal(str(v)) for v in i["values"]), _unit(i["unit"])),
                 "read": lambda i: ((*i.values, i.high) if i.high is not None else i.values, _unit(i.unit))}
        counts.add("measurement value + unit", wanted("measurements", value["value"]),
                   told(reading.measurements, value["read"]))
        counts.add("measurement + prior or current",
                   wanted("measurements", lambda i, v=value: (v["value"](i), i["current"])),
                   told(reading.measurements, lambda i, v=value: (v["read"](i), i.current)))
        recommended = [r for r in reading.recommendations if not r.historical]
        counts.add("recommendation", wanted("recommendations", lambda i: ()), told(recommended, lambda i: ()))
        counts.add("recommendation modality",
                   [w for w in wanted("recommendations", lambda i: _modality(i["modality"] or "")) if w[1]],
                   [t for t in told(recommended, lambda i: _modality(i.modality)) if t[1]])
        counts.add("recommendation interval",
                   [w for w in wanted("recommendations", lambda i: i["interval"] and (
                       _year(i["interval"]["min_days"]), _year(i["interval"]["max_days"])))
                    if w[1] and w[1] != (None, None)],
                   [t for t in told(recommended, lambda i: _interval(i.interval)) if t[1]])
        counts.add("communication", wanted("communications", lambda i: ()), told(reading.communications, lambda i: ()))
        counts.add("score", wanted("scores", lambda i: (_name(i["system"]), i["value"].lower())),
                   told([s for s in reading.scores if s.legal], lambda i: (_name(i.system), i.value.lower())))
        _critical(counts, [marked(i) for i in gold["criticalResults"]],
                  [[back(s) for s in i.evidence] for i in outcome.insights if i.kind is Kind.CRITICAL_RESULT], text)
        for kind, key in _REPORT_LEVEL:
            counts.count(key, gold=bool(gold[key]), said=any(i.kind is kind for i in outcome.insights))
    return counts


def _unit(unit: str) -> str:
    """SUV has two spellings in UCUM: the gold says {SUV}, the engine g/ml{SUVbw}."""
    return "{SUV}" if "SUV" in unit else unit


def _name(system: str) -> str:
    return re.sub(r"[^a-z]", "", system.lower())


def _critical(counts: Counts, mentions, insights, text) -> None:
    for words in insights:
        hit = any(w.overlaps(m) for w in words for m in mentions)
        counts.counts["critical insight is marked"][0 if hit else 1] += 1
        if not hit:
            counts.errors.append(("critical result", "false", words[0].of(text), ""))
    for mention in mentions:
        hit = any(w.overlaps(mention) for words in insights for w in words)
        counts.counts["critical mention is found"][0 if hit else 2] += 1
        if not hit:
            counts.errors.append(("critical result", "missed", mention.of(text), ""))


def main(arguments: list[str]) -> None:
    """Print the table; with --errors also the words, which nobody who writes rules may see of the frozen half."""
    half = next((a for a in arguments if not a.startswith("-")), "dev")
    records = [json.loads(line) for line in (GOLD / half / "reports.jsonl").read_text(encoding="utf-8").splitlines()]
    with TemporaryDirectory() as folder:
        counts = measure(records, adapter(settings_module.load(data_dir=Path(folder), key="5a" * 32)))
    print(f"{half}: {len(records)} reports\n{'task':<34}{'TP':>5}{'FP':>5}{'FN':>5}{'P':>8}{'R':>8}{'F1':>8}")
    for task, (right, wrong, missed) in counts.counts.items():
        # Insights give the precision of critical results and mentions their recall; neither row knows the other.
        precision = f"{right / (right + wrong):8.3f}" if right + wrong and "mention is" not in task else f"{'-':>8}"
        recall = f"{right / (right + missed):8.3f}" if right + missed and "insight is" not in task else f"{'-':>8}"
        total = f"{2 * right / (2 * right + wrong + missed):8.3f}" if "critical" not in task else f"{'-':>8}"
        print(f"{task:<34}{right:>5}{wrong:>5}{missed:>5}{precision}{recall}{total}")
    if "--errors" in arguments:
        for error in counts.errors:
            print(*error, sep=" | ")


if __name__ == "__main__":
    main(sys.argv[1:])
