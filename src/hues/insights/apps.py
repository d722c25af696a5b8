from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InsightsRoom(AppConfig):
    name = "hues.insights"
    label = "insights"

    def ready(self) -> None:
        from hues.insights.scorecards.asking import has_scorecards
        from hues.kernel import workplaces
        from hues.notifications.texts import Text, know

        workplaces.add(
            "scorecards", 60, label=_("Scorecards"), icon="chart", url="/desk/scorecards", shown=has_scorecards
        )
        know({"insights.brief": Text(_("The morning brief is ready"), _("{day}: exceptions first."), "sun")})
