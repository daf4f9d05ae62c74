"""
The last look: no identifier and no date of the message is left, or the message is stopped.

Looked for without the recognisers, so that a fault of theirs is seen here. A name counts as a whole word in any case,
also where a line break or an invisible character parts it; a number with any separators in it; a date in any of the
usual layouts, unless it is where another date of the message was moved to.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise, permutations

from fhir_adapter.deid.recognisers.context import name_tokens
from fhir_adapter.deid.words import INVISIBLE, folded
from fhir_adapter.errors import EngineError
from fhir_adapter.issues import Issue
from fhir_adapter.model.report import JSON, Identifier, IdentifierKind, Report
from fhir_adapter.tables.deidentification import DeidTables

_TAG = re.compile(r"\[[a-z0-9-]+\]")
_WORD = re.compile(r"[^\W_]+")
_HEAD = re.compile(r"[ \t]*([^\W\d_][^\W_]*)")
_NUMBERS = (IdentifierKind.ID, IdentifierKind.ACCESSION, IdentifierKind.PHONE)
_LITERALS = (IdentifierKind.EMAIL, IdentifierKind.URL, IdentifierKind.UID, IdentifierKind.ADDRESS,
             IdentifierKind.FACILITY)
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_REACH = 32
"""The longest date is shorter."""
# Each begins with a set of characters and not with an assertion: the expressions are then quick.
_DATES = tuple(re.compile(pattern) for pattern in (
    r"(?P<y>(?:19|20)[0-9]{2})(?P<s>[-/.]?)(?P<m>0[1-9]|1[0-2])(?P=s)(?P<d>0[1-9]|[12][0-9]|3[01])(?![0-9]{1,3}(?![0-9]))",
    r"(?P<m>[0-9][0-9]?)(?P<s>[-/.])(?P<d>[0-9]{1,2})(?P=s)(?P<y>(?:19|20)[0-9]{2})(?![0-9])",
    rf"(?P<m>{_MONTH})[a-z]*\.?\s+(?P<d>[0-9]{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y>(?:19|20)[0-9]{{2}})\b",
    rf"(?P<d>[0-9][0-9]?)(?:st|nd|rd|th)?[\s-]*(?:of\s+)?(?P<m>{_MONTH})[a-z]*\.?[,\s-]*(?P<y>(?:19|20)[0-9]{{2}})\b"))


def check(texts: Sequence[str], identifiers: Sequence[Identifier], tables: DeidTables,
          leaks: frozenset[date] = frozenset(), vocabulary: frozenset[str] = frozenset()) -> None:
    """Raise EngineError (OUT-520) if a text still holds an identifier of the message or one of the dates `leaks`.

    Words of the `vocabulary` tell nobody by themselves, only beside another word of the same name.
    """
    # A line break may part a word of one text, and never makes one of two texts.
    plain = _TAG.sub(" ", folded(INVISIBLE.sub("", "\n.\n".join(texts)), lines=True))
    said = _WORD.findall(plain)
    words, bare = set(said), "".join(said)
    words.update(_broken(plain))
    ordinary = (tables.common_words, tables.descriptor_words, tables.words.ordinary)
    for identifier in identifiers:
        if identifier.kind is IdentifierKind.NAME:
            found = [token for token in name_tokens(identifier) if token in words]
            left = _name_left(found, plain, tables.common_words, vocabulary)
        elif identifier.kind in _NUMBERS:
            left = _number_left(identifier.value, plain, bare)
        elif identifier.kind in _LITERALS:
            left = _literal_left(identifier.value, plain, *ordinary)
        else:
            continue  # dates are looked for by their layouts
        if left:
            raise EngineError(Issue.at("OUT-520", identifier.where))
    # Every layout writes the year in full: where none of theirs stands, there is no such date to look for.
    if any(str(day.year) in plain for day in leaks) and not leaks.isdisjoint(dates(plain)):
        raise EngineError(Issue.at("OUT-520", "dates"))


def _broken(plain: str) -> Iterator[str]:
    """The words that line breaks may part, each put together."""
    for before, after in pairwise(plain.split("\n")):
        head = _HEAD.match(after)
        if not head:
            continue
        tail = before.rstrip(" \t").removesuffix("-").rstrip(" \t")
        start = len(tail)
        while start and tail[start - 1].isalnum():
            start -= 1
        if tail[-1:].isalpha():
            yield tail[start:] + head[1]


def _name_left(tokens: list[str], plain: str, common: frozenset[str], vocabulary: frozenset[str]) -> bool:
    """Whether those words of a name that are left tell the person: a long one, or two side by side."""
    if any(len(token) > 4 and token not in common and token not in vocabulary for token in tokens):
        return True
    pairs = permutations(dict.fromkeys(t for t in tokens if len(t) > 1), 2)
    return any(re.search(rf"\b{re.escape(one)}[^\w\n]{{1,3}}{re.escape(other)}\b", plain) for one, other in pairs
               if not vocabulary.issuperset((one, other)))


def _number_left(value: str, plain: str, bare: str) -> bool:
    wanted = "".join(_WORD.findall(folded(value)))
    if len(wanted) < 5 or not any(c.isdigit() for c in wanted) or wanted not in bare:
        return False
    return re.search(r"(?<![^\W_])" + r"[\W_]{0,2}".join(wanted) + r"(?![^\W_])", plain) is not None


def _literal_left(value: str, plain: str, *ordinary: frozenset[str]) -> bool:
    wanted = " ".join(folded(value).split())
    words = _WORD.findall(wanted)
    # Five digits are a ZIP code here and a procedure's code elsewhere; ordinary words say nothing by themselves.
    if len(wanted) < 5 or wanted.isdigit() or all(any(word in some for some in ordinary) for word in words):
        return False
    return wanted in plain and re.search(rf"(?<!\w){re.escape(wanted)}(?!\w)", plain) is not None


def leaks_of(texts: Iterable[str], known: Iterable[date | None], shifts: Iterable[int | None]) -> frozenset[date]:
    """The dates that must not be seen: those in the sender's texts and the `known` ones, less those moved onto."""
    said = {day for text in texts for day in dates(folded(text))} | {day for day in known if day}
    moved = set()
    for shift in shifts:
        if shift is not None:
            for day in said:
                try:
                    moved.add(day + timedelta(days=shift))
                except OverflowError:
                    continue
    return frozenset(said - moved)


def dates(plain: str) -> Iterator[date]:
    """Each full date of a folded text, month first where the numbers allow both."""
    for start, end in _years(plain):
        for pattern in _DATES:
            for match in pattern.finditer(plain, start, end):
                if plain[match.start() - 1 : match.start()].isalnum():
                    continue
                month = match["m"]
                number = int(month) if month.isdigit() else _MONTHS.index(month[:3]) + 1
                try:
                    yield date(int(match["y"]), number, int(match["d"]))
                except ValueError:
                    continue


def _years(plain: str) -> list[tuple[int, int]]:
    """The stretches around what may be a year: no date is elsewhere."""
    windows: list[tuple[int, int]] = []
    for match in _YEAR.finditer(plain):
        start, end = max(0, match.start() - _REACH), match.end() + _REACH
        if windows and start <= windows[-1][1]:
            start = windows.pop()[0]
        windows.append((start, end))
    return windows


_CODED = frozenset(("code", "system", "url", "version"))


def check_bundle(bundle: JSON, report: Report, tables: DeidTables) -> None:
    """The same last look at resources that are about to leave, EngineError (OUT-520) likewise.

    Values of codes are left out, since a short number may be a code by chance, and so are the report's own text, which
    was looked at before it was encoded, and addresses that say type and id again. Words of the descriptors' vocabulary
    do not stop it: resources speak in them, and the texts that a name could come from were checked already. The
    patient's date of birth is the one date looked for: any other may be what a moved date and an interval come to.
    """
    told = strings(bundle, but=_CODED | {"data", "fullUrl"})
    check(told, report.identifiers, tables, leaks_of((), (report.patient.birth_date,), ()), tables.descriptor_words)


def strings(value: JSON, *, but: frozenset[str] = _CODED) -> tuple[str, ...]:
    """Every string of a JSON value, each once, but those of codes; a part that stands in many places is read once."""
    told: dict[str, None] = {}
    seen: set[int] = set()  # of parts that the value itself keeps alive

    def gather(members: dict[str, JSON]) -> None:
        for key, item in members.items():
            if isinstance(item, str):
                if key not in but:
                    told[item] = None
            elif isinstance(item, dict):
                if id(item) not in seen:
                    seen.add(id(item))
                    gather(item)
            elif isinstance(item, list):
                for one in item:
                    if isinstance(one, dict):
                        if id(one) not in seen:
                            seen.add(id(one))
                            gather(one)
                    else:
                        gather({"": one})

    gather({"": value})
    return tuple(told)
