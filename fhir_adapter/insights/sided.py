"""On which sides a part of a report puts what it finds, to be asked by what is found and where."""

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping

from fhir_adapter.model.reading import Finding
from fhir_adapter.model.report import Side
from fhir_adapter.model.span import Span


class Sides:
    """The sides of some findings, and whether the sentence of one of them only compares."""

    def __init__(self, parts: Iterable["Sides"] = ()) -> None:
        """Those of all parts together."""
        self.sides: set[Side] = set()
        self.compared = False
        for part in parts:
            self.sides |= part.sides
            self.compared = self.compared or part.compared


class Sided:
    """The findings of a part of a report that have a side; asked in a time that does not grow with their number."""

    def __init__(self, findings: Iterable[Finding], families: Mapping[str, str], compared: Collection[Span]) -> None:
        """`families` are concepts that are called otherwise elsewhere, `compared` the sentences that only compare."""
        self._families = families
        self._by: dict[Hashable, Sides] = {}
        for finding in findings:
            for key in self._keys(finding):
                sides = self._by.setdefault(key, Sides())
                sides.sides |= {finding.side} if finding.side else set()
                sides.compared = sides.compared or finding.sentence.span in compared

    def same(self, finding: Finding) -> Sides:
        """Of the same thing: the concept, at the same site or at one that is not named."""
        concept = finding.concept
        keys = ((concept, finding.sites[0].code), (concept, None)) if finding.sites else (concept,)
        return Sides(self._by[key] for key in keys if key in self._by)

    def alike(self, finding: Finding) -> Sides:
        """Of the same thing, and of what is called otherwise."""
        family = self._by.get(self._families.get(finding.concept.code))
        return Sides((self.same(finding), *((family,) if family else ())))

    def _keys(self, finding: Finding) -> Iterator[Hashable]:
        yield finding.concept
        yield finding.concept, finding.sites[0].code if finding.sites else None
        if finding.concept.code in self._families:
            yield self._families[finding.concept.code]
