"""What is known of a finding by the items of a guideline, and which words tell it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from fhir_adapter.insights.case import Case
from fhir_adapter.insights.guidance.told import denied
from fhir_adapter.insights.places import within
from fhir_adapter.model.insight import GuidanceItem
from fhir_adapter.model.reading import Finding, Measurement, Quantity, Reading
from fhir_adapter.model.span import Span
from fhir_adapter.tables.guidance import GuidelineRow, ItemRow, Range, ValueRow

UNSAID = "UNSAID"
MILLIMETRES = {"mm": Decimal(1), "cm": Decimal(10)}
"""Of one unit of length, by its UCUM code."""
_MULTIPLICITY = "SOLITARY OR MULTIPLE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Each item with the values that the report gives it, the size in millimetres and the age in years, if known."""

    items: tuple[GuidanceItem, ...]
    size: Range | None
    age: Range | None

    def values(self, name: str) -> tuple[str, ...]:
        """The values of an item, none if it is not said."""
        return next((item.values for item in self.items if item.name == name), ())


class Anywhere:
    """Where a report as a whole, of whatever finding, first says what; each is looked up once."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._places: dict[str, Span | None] = {}

    def place(self, item: ItemRow, value: ValueRow) -> Span | None:
        """The first place that says a value of an item in words, or by a dictated category."""
        name = f"{item.name}: {value.value}"
        if name not in self._places:
            self._places[name] = next(_places_of(self._case, value, self._case.body, ()), None)
        return self._places[name]


def gather(case: Case, row: GuidelineRow, group: tuple[Finding, ...], told: tuple[Span, ...], anywhere: Anywhere, *,
           multiple: bool) -> Facts:
    """Everything known of one finding, given by its mentions and the stretches that speak of it, and `anywhere`."""
    reading = case.reading
    lengths = _measured(reading, group, told, Quantity.LENGTH)
    attenuation = _measured(reading, group, told, Quantity.ATTENUATION)
    age = _years(case)
    items = [item for wanted in row.items if (item := _item(case, wanted, told, anywhere, attenuation, age))]
    if any(item.name == _MULTIPLICITY for item in row.items):
        value = "MULTIPLE" if multiple else "SOLITARY"
        items.append(GuidanceItem(name=_MULTIPLICITY, values=(value,), spans=(group[0].span,)))
    items += _places(group)
    if lengths:
        largest = max(lengths, key=_top)
        items.append(GuidanceItem(name="SIZE", sizes=(largest,), spans=(largest.span,)))
        items.append(GuidanceItem(name="MAX DIAMETER", maximum_diameter=_diameter(largest), spans=(largest.span,)))
    return Facts(items=tuple(items), size=_size(lengths, mean=row.mean) if lengths else None, age=age)


def _item(case: Case, item: ItemRow, told: tuple[Span, ...], anywhere: Anywhere,
          attenuation: Sequence[Measurement], age: Range | None) -> GuidanceItem | None:
    found: list[tuple[str, Span]] = []
    for value in item.values:
        where = anywhere.place(item, value) if item.report else next(_places_of(case, value, told, attenuation), None)
        if where and not any(where.overlaps(other) for _, other in found):
            found.append((value.value, where))
            if not item.several:
                break
    if not found:
        presumed = next((v.value for v in item.values if v.age and age and v.age.overlaps(age)), "")
        return GuidanceItem(name=item.name, values=(presumed,)) if presumed else None
    return GuidanceItem(name=item.name, values=tuple(v for v, _ in found), spans=tuple(s for _, s in found))


def _places_of(case: Case, value: ValueRow, spans: tuple[Span, ...], attenuation: Sequence[Measurement]) -> (
        Iterator[Span]):
    text = case.text
    if case.sight.allows(value.words):
        for span in spans:
            for match in case.sight.finditer(value.words, text, span.start, span.end):
                if not denied(text, match.start(), span):
                    yield Span(*match.span())
    if value.attenuation:
        for measure in attenuation:
            if value.attenuation.overlaps(_number(measure, measure.values[0])):
                yield measure.span
    if value.dictated:
        scores = (score for span in spans for score in within(case.reading.scores, span))
        yield from sorted(s.span for s in scores if s.system == "TI-RADS" and s.value == value.dictated)


def _places(group: tuple[Finding, ...]) -> Iterator[GuidanceItem]:
    """Where the finding is, by the first site and the first side that its mentions name."""
    site = next((f.sites[0] for f in group if f.sites), None)
    if site:
        name = "LOBE" if "lobe" in site.code.display.lower() else "LOCATION"
        yield GuidanceItem(name=name, values=(site.code.display.upper(),), spans=(site.span,))
    sided = next((f for f in group if f.side), None)
    if sided and sided.side:
        spans = next(((s.side_span,) for s in sided.sites if s.side_span), (sided.span,))
        yield GuidanceItem(name="SIDE", values=(sided.side.value.upper(),), spans=spans)


def _measured(reading: Reading, group: tuple[Finding, ...], told: tuple[Span, ...], quantity: Quantity) -> (
        list[Measurement]):
    """Present measurements of the finding, else those in the sentences about it that nothing else owns."""
    own = [m for f in group for m in f.measurements if m.quantity is quantity and m.current]
    if own:
        return list(dict.fromkeys(own))
    codes = {f.concept.code for f in group}
    near = {m.span: m for span in told for m in within(reading.measurements, span)}
    return [m for _, m in sorted(near.items()) if m.quantity is quantity and m.current
            and (m.subject is None or m.subject.code in codes or quantity is Quantity.ATTENUATION)]


def _size(lengths: list[Measurement], *, mean: bool) -> Range:
    largest = max(lengths, key=_top)
    factor = MILLIMETRES.get(largest.unit, Decimal(1))
    axes = sorted((v * factor for v in largest.values), reverse=True)
    value = sum(axes[:2], Decimal(0)) / len(axes[:2]) if mean else axes[0]
    return _number(largest, value, factor)


def _number(measure: Measurement, value: Decimal, factor: Decimal = Decimal(1)) -> Range:
    """A measured value as a range: "< 6" has no lower end, "2 to 3" counts as its upper end."""
    if measure.high is not None:
        return Range(low=measure.high * factor, high=measure.high * factor)
    if measure.comparator in ("<", "<="):
        return Range(high=value, high_open=measure.comparator == "<")
    if measure.comparator in (">", ">="):
        return Range(low=value, low_open=measure.comparator == ">")
    return Range(low=value, high=value)


def _top(measure: Measurement) -> Decimal:
    return max(*measure.values, measure.high or Decimal(0), Decimal(0)) * MILLIMETRES.get(measure.unit, Decimal(1))


def _diameter(measure: Measurement) -> str:
    return f"{max(*measure.values, measure.high or Decimal(0))} {measure.unit}"


def _years(case: Case) -> Range | None:
    age, known = case.years, case.reading.report.patient.age
    if age is None or known is None:
        return None
    return Range(low=Decimal(age), high=None if known.at_least else Decimal(age))

