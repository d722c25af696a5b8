from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrdersRoom(AppConfig):
    name = "hues.orders"
    label = "orders"

    def ready(self) -> None:
        from hues.cases import abouts, access
        from hues.kernel import workplaces
        from hues.orders import giving, panel  # noqa: F401 - the panel registers itself
        from hues.orders.pages import has_place

        abouts.register("orders", "orders/give_link.html")
        access.ORDERING.add("orders", giving.may_order)
        workplaces.add("orders", 45, label=_("Orders"), icon="flag", url="/desk/orders", shown=has_place)
