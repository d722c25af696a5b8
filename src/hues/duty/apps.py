from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DutyRoom(AppConfig):
    name = "hues.duty"
    label = "duty"

    def ready(self) -> None:
        from hues.duty import notices, phones, trust
        from hues.kernel import workplaces
        from hues.notifications import texts
        from hues.people.erasing import ERASERS, EXPORTERS
        from hues.people.sms import FURTHER_NUMBERS
        from hues.people.vault import RESEALERS

        texts.know(notices.TEXTS)
        workplaces.add("duty", 25, label=_("Duty"), icon="calendar", url="/desk/duty", shown=lambda _actor: True)
        ERASERS.add("duty", trust.erase)
        EXPORTERS.add("duty", trust.export)
        FURTHER_NUMBERS.add("duty", phones.numbers_of)
        RESEALERS.add("duty phones", phones.reseal_all)
