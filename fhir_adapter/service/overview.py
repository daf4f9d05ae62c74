"""Is it running, is anything stuck, what goes wrong most, is the volume usual, which versions are live."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median

from fhir_adapter import __version__
from fhir_adapter.issues import CATALOGUE
from fhir_adapter.service.adapter import Adapter
from fhir_adapter.service.worker import at_work
from fhir_adapter.store import search, traffic
from fhir_adapter.store.database import Database
from fhir_adapter.store.states import State
from fhir_adapter.tables.catalogue import version

STUCK = timedelta(minutes=2)
"""A message that waits longer than this for its processing, or since it was to be tried again, is stuck."""
_DAYS = 28
_DAYS_TO_TELL = 7
_MESSAGES_TO_TELL = 3
_HOURS = 24
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """One reason why messages were rejected or failed; `query` finds them."""

    code: str
    state: State
    number: int
    rule: str
    mend: str
    first: datetime
    last: datetime
    query: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hour:
    """One hour: how many messages came, and how many come usually in this hour of the day (the middle of 28 days)."""

    begins: datetime
    number: int
    usual: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """The message that waits longest."""

    id: str
    since: datetime
    state: State
    code: str
    due: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StateCount:
    """How many messages are in a state, with its sentence."""

    state: State
    number: int
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recent:
    """One of the latest messages."""

    id: str
    received: datetime
    sender: str
    kind: str
    modality: str
    state: State
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """What the first page tells. `normal` is None where too few days are known to say."""

    now: datetime
    running: bool
    waiting: int
    oldest: Waiting | None
    stuck: bool
    states: tuple[StateCount, ...]
    total: int
    troubles: tuple[Trouble, ...]
    hours: tuple[Hour, ...]
    normal: bool | None
    recent: tuple[Recent, ...]
    version: str
    engine: str
    tables: str
    database: str


def overview(database: Database, adapter: Adapter, *, now: datetime) -> Overview:
    """Look at the store once."""
    running = at_work(database)
    with database.reading() as connection:
        counts = traffic.by_state(connection)
        oldest = traffic.oldest_open(connection, now)
        troubles = traffic.troubles(connection, limit=8)
        hourly = traffic.hourly(connection, _hour(now) - timedelta(days=_DAYS))
        recent = search.listing(connection, (), limit=8)
    hours = tuple(_hours(hourly, now))
    return Overview(
        now=now, running=running, waiting=counts.get(State.RECEIVED, 0) + counts.get(State.WAITING, 0),
        oldest=None if oldest is None else Waiting(id=oldest.id, since=oldest.received, state=State(oldest.state),
                                                   code=oldest.code, due=oldest.due),
        stuck=oldest is not None and now - max(oldest.received, oldest.due or oldest.received) > STUCK,
        states=tuple(StateCount(state=one, number=counts[one], sentence=one.sentence)
                     for one in State if one in counts),
        total=sum(counts.values()),
        troubles=tuple(Trouble(
            code=row.code, state=State(row.state), number=row.number, rule=_rule(row.code), mend=_mend(row.code),
            first=row.first, last=row.last, query=f"state:{row.state} code:{row.code}")
            for row in troubles if row.code),
        hours=hours, normal=_normal(hours[-2], hourly),
        recent=tuple(Recent(id=row.id, received=row.received, sender=row.sender, kind=row.kind, modality=row.modality,
                            state=State(row.state), code=row.code) for row in recent),
        version=__version__, engine=adapter.engine.name,
        tables=version(adapter.settings.tables_dir), database="SQLite" if database.sqlite else "PostgreSQL")


def _hours(hourly: dict[datetime, int], now: datetime) -> list[Hour]:
    """The last day, hour by hour, beside what is usual."""
    out = []
    for back in range(_HOURS - 1, -1, -1):
        begins = _hour(now) - back * _HOUR
        usual = _usual(hourly, begins)
        out.append(Hour(begins=begins, number=hourly.get(begins, 0), usual=usual))
    return out


def _usual(hourly: dict[datetime, int], begins: datetime) -> float:
    """The middle of the same hour of the days before that are known at all."""
    days = _known(hourly, begins)
    return float(median(hourly.get(begins - timedelta(days=day), 0) for day in range(1, days + 1))) if days else 0.0


def _known(hourly: dict[datetime, int], begins: datetime) -> int:
    first = min(hourly, default=begins)
    return max(0, min(_DAYS - 1, (begins - first).days))


def _normal(hour: Hour, hourly: dict[datetime, int]) -> bool | None:
    """Whether the last full hour had neither under a third nor over three times of what is usual."""
    if _known(hourly, hour.begins) < _DAYS_TO_TELL or hour.usual < _MESSAGES_TO_TELL:
        return None
    return hour.usual / 3 <= hour.number <= 3 * hour.usual


def _hour(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def _rule(code: str) -> str:
    return CATALOGUE[code].rule if code in CATALOGUE else ""


def _mend(code: str) -> str:
    return CATALOGUE[code].mend if code in CATALOGUE else ""
