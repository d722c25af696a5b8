"""Every write of the people room."""

from hues.people.actions.citizens import Identity, open_vault, rotate_vault, set_language, set_name
from hues.people.actions.codes import SentCode, confirm_code, open_account, resend_code, send_code
from hues.people.actions.erasure import erase_person
from hues.people.actions.exports import ask_export, fetch_export
from hues.people.actions.keys import create_key, revoke_key
from hues.people.actions.passkeys import (
    add_passkey,
    begin_passkey,
    prove_passkey,
    remove_passkey,
    rename_passkey,
)
from hues.people.actions.restrictions import (
    appeal_restriction,
    decide_appeal,
    lift_restriction,
    place_restriction,
)
from hues.people.actions.reveals import approve_beside, ask_reveal, decide_reveal, open_reveal
from hues.people.actions.second_person import answer_own_reset, ask_reset, ask_role, decide_act
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
    "add_passkey",
    "answer_own_reset",
    "appeal_restriction",
    "approve_beside",
    "ask_export",
    "ask_reset",
    "ask_reveal",
    "ask_role",
    "begin_passkey",
    "change_password",
    "check_password",
    "check_second_factor",
    "confirm_code",
    "create_key",
    "create_staff",
    "deactivate",
    "decide_act",
    "decide_appeal",
    "decide_reveal",
    "end_role",
    "end_sessions",
    "erase_person",
    "fetch_export",
    "grant_role",
    "lift_restriction",
    "note_sign_in",
    "open_account",
    "open_reveal",
    "open_vault",
    "place_restriction",
    "prove_passkey",
    "reactivate",
    "remove_passkey",
    "rename_passkey",
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
