from django.urls import URLPattern, URLResolver, path

from hues.people.pages import administration, citizen, sandbox, staff

urlpatterns: list[URLPattern | URLResolver] = [
    path("login", citizen.login, name="login"),
    path("login/code", citizen.login_code, name="login-code"),
    path("terms", citizen.terms, name="terms"),
    path("logout", citizen.sign_out, name="logout"),
    path("logout/everywhere", citizen.sign_out_everywhere, name="logout-everywhere"),
    path("language", citizen.language, name="language"),
    path("me/profile", citizen.profile, name="profile"),
    path("staff/login", staff.login, name="staff-login"),
    path("staff/mfa", staff.second_factor, name="staff-mfa"),
    path("staff/mfa/setup", staff.set_up, name="staff-mfa-setup"),
    path("staff/mfa/qr.svg", staff.qr, name="staff-mfa-qr"),
    path("staff/account", staff.account, name="staff-account"),
    path("staff/account/recovery-codes", staff.new_recovery_codes, name="staff-recovery-codes"),
    path("admin/people", administration.people, name="admin-people"),
    path("admin/people/add", administration.add_person, name="admin-person-add"),
    path("admin/people/<uuid:user_id>", administration.person, name="admin-person"),
    path("admin/keys", administration.keys, name="admin-keys"),
    path("admin/keys/<uuid:key_id>/revoke", administration.revoke_key, name="admin-key-revoke"),
    path("dev/sms", sandbox.messages, name="sandbox-messages"),
]
