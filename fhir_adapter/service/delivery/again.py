"""Send again what was set aside, when someone has mended why."""

from fhir_adapter.errors import DeliveryError
from fhir_adapter.service.delivery.loop import manners
from fhir_adapter.service.results import Results
from fhir_adapter.settings import Settings
from fhir_adapter.store import lookups, subscriptions


def retry(results: Results, settings: Settings, name: str) -> tuple[int, int]:
    """Send again what was set aside for a subscription, as it is now; how many were taken and how many are left."""
    with results.database.reading() as connection:
        row = subscriptions.find(connection, name)
        letters = subscriptions.buried(connection, name) if row is not None else []
    taken = 0
    for letter in letters:
        with results.database.reading() as connection:
            current = lookups.named(connection, [(letter.type, letter.id)])
        try:
            if current and row is not None:
                manners(results, settings)[row.manner].again(row, current[0])
        except DeliveryError:
            continue
        with results.database.writing() as connection:
            subscriptions.exhume(connection, [letter.key])
        taken += 1
    return taken, len(letters) - taken
