"""What the room keeps of a person: to be handed out and to be erased."""

from typing import Any
from uuid import UUID

from hues.notifications.actions import address_of
from hues.notifications.models import Delivery, MailAddress, Notice, Preferences, PushSubscription, RemovedDevice
from hues.notifications.texts import told


def erase_of(person_id: UUID) -> dict[str, int]:
    """All of it: nothing here is needed to prove what happened."""
    RemovedDevice.objects.filter(person=person_id).delete()
    return {
        "deliveries": Delivery.objects.filter(notice__person=person_id).delete()[0],
        "notices": Notice.objects.filter(person=person_id).delete()[0],
        "devices": PushSubscription.objects.filter(person=person_id).delete()[0],
        "mail_address": MailAddress.objects.filter(person=person_id).delete()[0],
        "preferences": Preferences.objects.filter(person=person_id).delete()[0],
    }


def export_of(person_id: UUID) -> dict[str, Any]:
    """Notices in the words they have now, with how each left the house."""
    address, waiting = address_of(person_id)
    chosen = Preferences.objects.filter(person=person_id).values(
        "channels", "quiet", "quiet_from", "quiet_until", "plain_sms"
    )  # fmt: skip
    return {
        "email": address or waiting,
        "preferences": [{**row, "quiet_from": f"{row['quiet_from']:%H:%M}", "quiet_until": f"{row['quiet_until']:%H:%M}"} for row in chosen],
        "devices": list(PushSubscription.objects.filter(person=person_id).values("device", "created_at", "taken_at")),
        "notices": [_notice(notice) for notice in Notice.objects.filter(person=person_id).order_by("id").prefetch_related("deliveries")],
    }  # fmt: skip


def _notice(notice: Notice) -> dict[str, Any]:
    words = told(notice.template, notice.data, link=notice.link)
    sent = [{"by": each.channel, "state": each.state, "at": each.at} for each in notice.deliveries.all()]
    return {
        "at": notice.at, "title": words.title, "text": words.body, "link": notice.link, "read_at": notice.read_at, "sent": sent,
    }  # fmt: skip
