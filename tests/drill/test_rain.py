"""Heavy rain: 400 reports and 200 calls in an hour, 40 immediate tasks, an incident. Nothing is lost; each step of a ladder is journalled, once."""

from argparse import Namespace
from datetime import UTC, datetime

import pytest
from django.conf import LazySettings
from django.test import Client

from hues.cli import drill
from hues.cli.drill.rain import play_rain
from hues.people.models import User
from hues.runtime.trouble import Trouble

EVENING = datetime(2026, 11, 25, 13, 0, tzinfo=UTC)  # 20:00 in Huế, a Wednesday


@pytest.mark.slow
def test_nothing_is_lost_in_heavy_rain_and_every_step_of_a_ladder_is_in_the_journal(
    db: None, settings: LazySettings
) -> None:
    ledger = play_rain(EVENING)
    assert len(ledger.reports) == 400
    assert len(ledger.calls) == 200
    assert len(ledger.sent) == 40
    assert not [check for check in ledger.checks() if not check.holds]
    assert set(ledger.expected_steps().values()) >= {"ladder-5", "ladder-10", "ladder-15"}

    with pytest.raises(Trouble):  # a city in use is never played with
        drill.run(Namespace(scenario="rain"))
    settings.SANDBOX = True  # as in the city that is looked at afterwards: sample accounts sign in
    centre = Client()
    centre.force_login(User.objects.get(username="truongca"))
    assert ledger.incident in centre.get("/desk/incidents").content.decode()
    assert ledger.sent[0].code in centre.get(f"/desk/cases/{ledger.sent[0].code}").content.decode()
