from django.urls import URLPattern, URLResolver, path

from hues.notifications.pages import choosing, deliveries, inbox, outside

urlpatterns: list[URLPattern | URLResolver] = [
    path("me/inbox", inbox.inbox, name="inbox"),
    path("me/notices/<uuid:notice_id>", inbox.notice, name="notice"),
    path("me/settings/notices", choosing.choices, name="notice-choices"),
    path("me/settings/notices/mail", choosing.mail, name="notice-mail"),
    path("me/settings/notices/test", choosing.test, name="notice-test"),
    path("me/settings/notices/devices/<uuid:device_id>/remove", choosing.remove_device, name="notice-device-remove"),
    path("notices/unsubscribe/<str:token>", outside.unsubscribe, name="notice-unsubscribe"),
    path("admin/deliveries", deliveries.deliveries, name="admin-deliveries"),
    path("dev/mail", outside.sandbox_mails, name="sandbox-mails"),
]
