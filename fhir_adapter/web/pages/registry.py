"""Which pages there are, in the order of the navigation."""

from dataclasses import dataclass

from flask import Blueprint

from fhir_adapter.web.pages import (
    login,
    message,
    messages,
    overview,
    patient,
    quality,
    system,
    tables,
    trying,
    worklist,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of the navigation: the endpoint, its name, and the key that opens it after `g`."""

    endpoint: str
    name: str
    key: str


NAVIGATION: tuple[Entry, ...] = (
    Entry(endpoint="overview.overview", name="Overview", key="o"),
    Entry(endpoint="messages.messages", name="Messages", key="m"),
    Entry(endpoint="worklist.worklist", name="Worklist", key="w"),
    Entry(endpoint="quality.quality", name="Quality", key="q"),
    Entry(endpoint="trying.trying", name="Try it", key="t"),
    Entry(endpoint="tables.tables", name="Tables", key="b"),
    Entry(endpoint="system_page.system", name="System", key="s"),
)
PAGES: tuple[Blueprint, ...] = (overview.ROUTES, messages.ROUTES, message.ROUTES, worklist.ROUTES,
                                patient.ROUTES, quality.ROUTES, trying.ROUTES, tables.ROUTES,
                                system.ROUTES, login.ROUTES)
