"""When what is sent: half a year of messages, the same for the same day and seed, in the order of their time."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random

from fhir_adapter.service.demo import dictation
from fhir_adapter.service.demo.bundles import bundle
from fhir_adapter.service.demo.dictation import Dictated
from fhir_adapter.service.demo.people import Person, person

MARK = "DEMO"
"""How the control ids of invented messages begin."""
_DAYS = 180
_RUSH_DAYS = 27
_HOUR = timedelta(hours=1)
_REFUSED = (0, 1, 2, 0, 3, 4, 0, 1, 2, 0)
"""In which order messages are refused for what, so that there is one of each reason."""
_FIRST = 3
"""So many people with a lesion are among what is worked on first."""
_RETURN = 0.6
"""The share of people who come back for a film that was recommended."""
_FHIR = 0.12
"""The share of reports that come as FHIR Bundles, of those that come once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One message and when it comes."""

    at: datetime
    payload: bytes = field(repr=False)
    report: int
    """Which report it is a version of."""
    channel: str = "mllp"
    fate: str = ""
    """The code for which it is `failed` or, if `due`, waits until then; empty where it is worked on."""
    due: datetime | None = None
    first: bool = False
    """Whether it is worked on before anything is served, so that every page has something to show."""


@dataclass(slots=True)
class Traffic:
    """Makes messages; every one has a number of its own. `beyond` makes other people and numbers than 0 does."""

    now: datetime
    beyond: int = 0
    chance: Random = field(init=False)
    _number: int = field(init=False)
    _persons: int = field(init=False)
    _refusals: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self.chance = Random(2026 + self.beyond)  # noqa: S311 - invented people, not keys
        self._number = self._persons = self.beyond % 10**9

    def all(self) -> tuple[Sent, ...]:
        """Half a year until now."""
        everything = [*self._lesions(), *self._months(), *self._rush(), *self._today(), *self._troubles()]
        return tuple(sorted((one for one in everything if one.at <= self.now), key=lambda one: one.at))

    def next(self) -> Sent:
        """One more report, of this moment."""
        return next(iter(self._case(self.now)))

    def _lesions(self) -> Iterator[Sent]:
        """People who come again and again with a nodule that grows, stays or shrinks."""
        for number in range(14):
            someone = self._person(youngest=48, oldest=80)
            growth = (1.22, 1.35, 1.0, 1.12, 0.85)[number % 5]
            size, before, compared = float(self.chance.randint(5, 9)), None, ""
            day = self.now - timedelta(days=_DAYS - self.chance.randint(0, 30), hours=self.chance.randint(0, 6))
            site = self.chance.choice(("right upper lobe", "left upper lobe", "right lower lobe"))
            for _ in range(4 if number % 3 else 3):
                advised = "Recommend PET/CT." if size > 12 else "Recommend follow-up CT chest in 6 weeks."
                said = dictation.chest_ct(self.chance, size=size, before=before, compared=compared, site=site,
                                          advised=advised)
                yield replace(self._sent(day, someone, said), first=number < _FIRST)
                before, compared = size, f"{day:%m/%d/%Y}"
                size = float(round(size * growth))
                day += timedelta(days=self.chance.randint(38, 52))

    def _months(self) -> Iterator[Sent]:
        """A few reports on every working day, some corrected, some refused."""
        for back in range(_DAYS, -1, -1):
            day = self.now - timedelta(days=back)
            if day.weekday() >= 5:
                continue
            for _ in range(self.chance.randint(1, 3)):
                yield from self._case(day.replace(hour=self.chance.randint(7, 18), minute=self.chance.randint(0, 59)))
            if back % 9 == 4:
                yield self._refused(day.replace(hour=11, minute=self.chance.randint(0, 59)))

    def _rush(self) -> Iterator[Sent]:
        """The hour before this one is busy every day, so that it can be said whether it is as busy as usual."""
        for back in range(_RUSH_DAYS + 1):
            hour = self.now.replace(minute=0, second=0, microsecond=0) - timedelta(days=back) - _HOUR
            for _ in range(self.chance.randint(4, 6)):
                yield from self._case(hour + timedelta(minutes=self.chance.randint(0, 50)), again=False)
        for minutes in (3, 17, 31):
            yield from self._case(self.now - timedelta(minutes=minutes), again=False)
        yield self._refused(self.now - timedelta(minutes=9))

    def _today(self) -> Iterator[Sent]:
        """What someone should look at now: results nobody was told of, a wrong side, sex and age, follow-ups."""
        chance, man, someone = self.chance, self._person(sex="M"), self._person()
        yield self._sent(self.now - timedelta(minutes=95), man, dictation.pelvis_ultrasound(chance))
        yield self._sent(self.now - timedelta(minutes=110), someone,
                         dictation.brain_mri(chance, age=someone.age(self.now.date()) + 30))
        for minutes, said in ((24, dictation.embolism(chance, told="")), (41, dictation.knee(chance, wrong_side=True)),
                              (68, dictation.head_ct(chance, bleeding=True))):
            yield self._sent(self.now - timedelta(minutes=minutes), self._person(), said)
        for days in (61, 54, 47, 38, 30):
            yield replace(self._sent(self.now - timedelta(days=days, hours=2), self._person(),
                                     dictation.chest_film(chance, opacity=True)), first=True)

    def _troubles(self) -> Iterator[Sent]:
        """What could not be worked on: a few that failed, which a retry mends, and some that will be tried again."""
        for hours, code in ((5, "NET-624"), (29, "NET-623"), (30, "NET-623"), (77, "NLP-400"), (410, "NET-624")):
            yield from self._struck(self.now - timedelta(hours=hours), code)
        for minutes in (1, 1.5):
            yield from self._struck(self.now - timedelta(minutes=minutes), "NET-624",
                                    due=self.now + timedelta(minutes=9))

    def _struck(self, at: datetime, code: str, due: datetime | None = None) -> Iterator[Sent]:
        someone, said = self._said(at)
        yield replace(self._sent(at, someone, said), fate=code, due=due)

    def _case(self, at: datetime, *, again: bool = True) -> Iterator[Sent]:
        """One report, and sometimes what comes after it: its final version, a correction."""
        someone, said = self._said(at)
        status = "P" if again and self.chance.random() < 0.15 else "F"
        filler = self._next()
        if not again and self.chance.random() < _FHIR:
            yield self._bundle(at, someone, said, filler)
            return
        yield self._sent(at, someone, said, status=status, filler=filler)
        if status == "P":
            yield self._sent(at + timedelta(hours=2), someone, said, filler=filler)
        elif again and self.chance.random() < 0.08:
            more = f"{said.text}\n\nADDENDUM: Comparison was made with an outside study. No change to the impression."
            corrected = Dictated(code=said.code, order=said.order, modality=said.modality, text=more)
            yield self._sent(at + timedelta(hours=20), someone, corrected, status="C", filler=filler)
        if again and "Repeat chest radiograph" in said.text and self.chance.random() < _RETURN:
            back = at + timedelta(days=self.chance.randint(30, 55))
            yield self._sent(back, someone, dictation.chest_film(self.chance, again=True))

    def _said(self, at: datetime) -> tuple[Person, Dictated]:
        """Who is examined and what is dictated: mostly usual things, sometimes what someone should look at."""
        chance, day = self.chance, at.date()
        # Resolved here, because a mammogram needs a woman and a wrong age needs the right one.
        someone = self._person()
        told = ""
        if chance.random() < 0.6:
            told = (f"Findings were discussed with Dr. Fizzlewick by telephone at {at:%H:%M} on {at:%m/%d/%Y}.")
        usual: tuple[tuple[int, Callable[[], Dictated]], ...] = (
            (16, lambda: dictation.chest_film(chance)),
            (8, lambda: dictation.head_ct(chance, bleeding=False)),
            (6, lambda: dictation.chest_ct(chance, size=float(chance.randint(3, 9)),
                                           advised="Follow-up CT chest in 12 months is recommended.")),
            (6, lambda: dictation.abdomen_ct(chance)),
            (5, lambda: dictation.abdomen_ultrasound(chance, complete=chance.random() < 0.6)),
            (5, lambda: dictation.thyroid(chance)),
            (5, lambda: dictation.knee(chance, wrong_side=chance.random() < 0.35)),
            (4, lambda: dictation.brain_mri(chance, age=someone.age(day) + (30 if chance.random() < 0.15 else 0))),
            (3, lambda: dictation.embolism(chance, told=told)),
            (2, lambda: dictation.head_ct(chance, bleeding=True, told=told)),
            (2, lambda: dictation.chest_film(chance, pneumothorax=True, told=told)),
            (2, lambda: dictation.abdomen_ct(chance, ordered="WITHOUT CONTRAST")),
            (1, lambda: dictation.pelvis_ultrasound(chance)),
            (6, lambda: dictation.mammogram(chance)),
        )
        said = chance.choices([one for _, one in usual], [weight for weight, _ in usual])[0]()
        if said.modality == "MG" or (said.code == "USPEL" and chance.random() < 0.7):
            someone = self._person(sex="F", youngest=40, oldest=74)
        return someone, said

    def _person(self, **wanted: object) -> Person:
        self._persons += 1
        return person(self.chance, self._persons, today=self.now.date(), **wanted)  # type: ignore[arg-type]

    def _next(self) -> int:
        self._number += 1
        return self._number

    def _sent(self, at: datetime, someone: Person, said: Dictated, *, status: str = "F",
              filler: int | None = None) -> Sent:
        """An ORU^R01; the examination was some time before the report, and the report just before the message."""
        site, number = someone.site, self._next()
        order = filler if filler is not None else number
        issued = at - timedelta(minutes=1)
        done = issued - timedelta(minutes=self.chance.choice((18, 35, 52, 75, 140, 260)))
        reader = self.chance.choice(site.readers).replace("^", "&")
        text = said.text.replace("\\", "\\E\\").replace("&", "\\T\\").replace("\n", "\\.br\\")
        lines = (
            f"MSH|^~\\&|{site.application}|{site.facility}|ADAPTER|DEMO|{_time(at)}||ORU^R01^ORU_R01|{MARK}{number:05}|P|"
            "2.5.1|||AL|NE||UNICODE UTF-8",
            f"PID|1||{someone.number}^^^{site.facility}^MR||{someone.family}^{someone.given}||"
            f"{someone.born:%Y%m%d}|{someone.sex}",
            f"OBR|1|P{order:05}|F{order:05}|{said.code}^{said.order}^L|||{_time(done)}|||||||||||ACC{order:05}||||"
            f"{_time(issued)}||{said.modality}|{status}|||||||{reader}",
            f"OBX|1|FT|18748-4^Diagnostic imaging report^LN||{text}||||||{status}")
        return Sent(at=at, payload=("\r".join(lines) + "\r").encode(), report=order)

    def _bundle(self, at: datetime, someone: Person, said: Dictated, filler: int) -> Sent:
        """The same as a FHIR Bundle over HTTP."""
        issued = at - timedelta(minutes=1)
        done = issued - timedelta(minutes=self.chance.choice((18, 35, 52, 75)))
        return Sent(at=at, report=filler, channel="http", payload=bundle(
            someone, said, name=f"{MARK}{self._next():05}", number=filler, done=done, issued=issued))

    def _refused(self, at: datetime) -> Sent:
        """A message that cannot be taken, as they come: without text, of another kind, without a patient, cut off."""
        someone = self._person()
        good = self._sent(at, someone, dictation.chest_film(self.chance))
        whole = good.payload
        lines = whole.split(b"\r")
        broken = (
            b"\r".join([*lines[:3], b"OBX|1|TX|18748-4^Report^LN||||||||F", b""]),
            whole.replace(b"ORU^R01^ORU_R01", b"ORM^O01^ORM_O01"),
            b"\r".join([lines[0], *lines[2:]]),
            b"\r".join(lines[:2]),
            whole.replace(b"|2.5.1|", b"|9.1|"))
        self._refusals += 1
        return Sent(at=at, payload=broken[_REFUSED[self._refusals % len(_REFUSED)]], report=good.report)


def _time(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%d%H%M%S}+0000"
