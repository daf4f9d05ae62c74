"""Killed at any moment, nothing that was acknowledged is lost and nothing takes effect twice."""

from tests.crash import subscriber
from tests.crash.campaign import Campaign
from tests.crash.victim import POINTS


def test_a_dozen_deaths_break_no_promise(store_settings):
    """Sixteen kills (eight at random, one at each named point) of a service under load: the ledgers agree."""
    report = Campaign(store_settings, seed=20260309).run(2 * len(POINTS))
    assert (report.kills, report.faults, report.sent > 50) == (16, (), True)


def test_a_subscriber_in_trouble_hears_of_everything_in_order(store_settings):
    """It dies, answers 500, hangs and answers late while the deliverer is killed: its ledger lacks nothing."""
    assert subscriber.Campaign(store_settings, seed=20260309).run(25) == ()
