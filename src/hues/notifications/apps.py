from django.apps import AppConfig


class NotificationsRoom(AppConfig):
    name = "hues.notifications"
    label = "notifications"

    def ready(self) -> None:
        # Each registers itself: the follower of the journal, the channels, the mail providers, and what erasure is to know.
        from hues.notifications import actions, erasing, sending
        from hues.notifications.channels import mail, push, sms  # noqa: F401
        from hues.notifications.plugins import sandbox, smtp  # noqa: F401
        from hues.people.erasing import ERASERS, EXPORTERS
        from hues.people.sms import RECEIPTS
        from hues.people.vault import RESEALERS

        RECEIPTS.add("notices", sending.take_receipt)
        RESEALERS.add("mail addresses", actions.reseal_addresses)
        ERASERS.add("notices", erasing.erase_of)
        EXPORTERS.add("notices", erasing.export_of)
        actions.forget_devices_at_sign_out()
