"""When the vault gets a new key, what the channel keeps sealed moves with it."""

import pytest

from hues.kernel.actors import SYSTEM
from hues.people import actions as people
from hues.people import vault
from hues.reports.models import RemoteCity
from hues.reports.open311.actions import know_city


def test_another_citys_key_is_readable_after_the_old_secret_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUES_VAULT_KEY", "first secret of this city")
    know_city(name="danang", url="https://311.example.org/v2", api_key="their-key", actor=SYSTEM)
    monkeypatch.setenv("HUES_VAULT_KEY", "second secret of this city")
    monkeypatch.setenv("HUES_VAULT_OLD_KEYS", "first secret of this city")
    assert people.rotate_vault() == 1
    assert people.rotate_vault() == 0
    monkeypatch.setenv("HUES_VAULT_OLD_KEYS", "")
    sealed = RemoteCity.objects.get(name="danang").sealed_key
    assert sealed and vault.open_sealed(sealed, b"danang") == b"their-key"
