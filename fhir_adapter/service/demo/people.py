"""People who do not exist, with names that no one has, so that a leak could be searched for."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

_FAMILY = ("ZYXWOMBLE", "QUIMBLETON", "VORPELLO", "SNARKFELD", "BLORPINGTON", "GRIMBLEDOR", "FRUMIOSI", "JUBJUBER",
           "MIMSYKOFF", "TULGEYSON", "BANDERSNATCH", "WHIFFLEHAM", "GALUMPHREY", "UFFISHAW", "OUTGRABER", "BEAMISHKA",
           "SLITHYTOVE", "GYREWIMBLE", "BURBLEWICK", "MANXOMELY")
_FEMALE = ("ZENOBINA", "QUILLABETH", "PETULIANA", "HORTENSIBEL", "DRUSILLETTE", "OPHELIBORA")
_MALE = ("PEREGRINUS", "BARTHOLOMO", "CORNELIBERT", "THADDEON", "EUSTACIAN", "MORTIMERO")


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where reports come from: MSH-3, MSH-4, how its record numbers begin, and who reads there."""

    application: str
    facility: str
    prefix: str
    readers: tuple[str, ...]


SITES = (
    Site(application="RIS", facility="ZYXWELL HOSPITAL", prefix="ZD",
         readers=("8101^VORPALINE^ESMERELDINA", "8102^SNARKWELLER^THADDEUSZ")),
    Site(application="PACSRIS", facility="GLIMMERFORD CLINIC", prefix="GD",
         readers=("8201^QUIBBLEBY^SEPTIMIUS", "8202^FIZZLEWORTH^ARAMINTHA")),
    Site(application="RIS", facility="MUDDLEWICK", prefix="MD", readers=("8301^PIFFLEDON^LEOPOLDINE",)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Someone invented."""

    number: str
    family: str
    given: str
    born: date
    sex: str
    site: Site

    def age(self, day: date) -> int:
        """Completed years."""
        return day.year - self.born.year - ((day.month, day.day) < (self.born.month, self.born.day))


def person(chance: Random, number: int, *, sex: str = "", youngest: int = 22, oldest: int = 88,
           today: date) -> Person:
    """The next person; of a sex and an age where they matter."""
    chosen = sex or chance.choice("FM")
    site = SITES[number % len(SITES)]
    return Person(number=f"{site.prefix}{700000 + 37 * number}", family=chance.choice(_FAMILY),
                  given=chance.choice(_FEMALE if chosen == "F" else _MALE), sex=chosen, site=site,
                  born=today - timedelta(days=365 * chance.randint(youngest, oldest) + chance.randint(0, 364)))
