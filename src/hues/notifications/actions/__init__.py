"""Every write of the room."""

from hues.notifications.actions.addresses import (
    address_of,
    confirm_address,
    forget_address,
    post_code,
    reseal_addresses,
    set_address,
)
from hues.notifications.actions.devices import (
    add_device,
    change_device,
    forget_devices_at_sign_out,
    remove_device,
    send_test,
)
from hues.notifications.actions.preferences import save_preferences, unsubscribe
from hues.notifications.actions.telling import deliver, mark_read, tell

__all__ = [
    "add_device",
    "address_of",
    "change_device",
    "confirm_address",
    "deliver",
    "forget_address",
    "forget_devices_at_sign_out",
    "mark_read",
    "post_code",
    "remove_device",
    "reseal_addresses",
    "save_preferences",
    "send_test",
    "set_address",
    "tell",
    "unsubscribe",
]
