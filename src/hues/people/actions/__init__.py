"""Every write of the people room."""

from hues.people.actions.citizens import Identity, open_vault, rotate_vault, set_language, set_name
from hues.people.actions.codes import SentCode, confirm_code, open_account, resend_code, send_code
from hues.people.actions.keys import create_key, revoke_key
from hues.people.actions.signing_in import (
    check_password,
    check_second_factor,
    end_sessions,
    note_sign_in,
    renew_recovery_codes,
    set_up_second_factor,
)
from hues.people.actions.staff import (
    change_password,
    create_staff,
    deactivate,
    end_role,
    grant_role,
    reactivate,
    reset_second_factor,
    set_password,
)

__all__ = [
    "Identity",
    "SentCode",
    "change_password",
    "check_password",
    "check_second_factor",
    "confirm_code",
    "create_key",
    "create_staff",
    "deactivate",
    "end_role",
    "end_sessions",
    "grant_role",
    "note_sign_in",
    "open_account",
    "open_vault",
    "reactivate",
    "renew_recovery_codes",
    "resend_code",
    "reset_second_factor",
    "revoke_key",
    "rotate_vault",
    "send_code",
    "set_language",
    "set_name",
    "set_password",
    "set_up_second_factor",
]
