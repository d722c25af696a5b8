"""The sample incidents: one runs, one is over and was learnt from."""

import pytest
from django.conf import LazySettings

from hues.cli.demo.command import fill
from hues.command.models import Incident


@pytest.mark.django_db
def test_the_sample_city_has_one_running_and_one_reviewed_incident(settings: LazySettings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # accounts are not what this is about
    assert fill("small") == 2
    running = Incident.objects.get(state="open")
    assert running.is_sample and running.log.count() >= 5 and running.cases.filter(state="linked").count() >= 5
    assert running.tasks.count() >= 6 and running.sitreps.filter(signed_at=None).count() == 1
    over = Incident.objects.get(state="closed")
    assert over.review.finished_at and over.review.points.filter(kind="mend", order__isnull=False).count() == 1
    assert not over.sitreps.filter(signed_at=None).exists()
    assert fill("small") == 0, "a second time it makes nothing"
