"""The pages, as those who work with them see them."""

from hues.command.models import Incident
from hues.kernel.actors import Actor
from tests.command.conftest import signed_in


def test_the_board_opens(rain: Incident, lead: Actor) -> None:
    client = signed_in(lead)
    for path in ("/desk/incidents", "/desk/incidents/new", f"/desk/incidents/{rain.code}", f"/desk/incidents/{rain.code}/area", f"/desk/incidents/{rain.code}/map.json", f"/desk/incidents/{rain.code}/bulletins/0"):
        answer = client.get(path)
        assert answer.status_code == 200, path
