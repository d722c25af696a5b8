"""Pages of the served city that somebody must have a reason to see: `rare_pages(served)` gives each one its reason, once."""

import json

from tests.served import Served

CITIZEN = "+84900000003"  # of the sample city, with cases in several stages
PASSWORD = "mot-mat-khau-dai-cua-nguoi-moi"  # of staff who never signed in: a second factor is asked for

MAKE = """
import json
from datetime import timedelta
from uuid import uuid4
from hues.cases.models import LISTED, Case
from hues.kernel import clock
from hues.notifications.channels.mail import unsubscribe_token
from hues.kernel.actors import SYSTEM
from hues.people import actions, queries
from hues.people.models import Erasure, User
from hues.reports.following.actions import follow_area
from hues.reports.helping.actions import new_link
from hues.reports.helping.models import OnBehalf

person = queries.citizen_by_phone("CITIZEN")
actor, staff = queries.actor_for(person), User.objects.get(username="truongca")
own = Case.objects.filter(reporter=person).order_by("pk")[0]
placed = actions.place_restriction(
    actor=queries.actor_for(staff), code=own.code, kind="warning", reason="Ba phản ánh dùng lại ảnh cũ trên mạng."
)
told = Case.objects.filter(published_at__isnull=False).exclude(answer="").filter(on_behalf=None).order_by("pk")[0]
behalf = OnBehalf(helper=staff, case=told, consent_at=clock.now())
link = new_link(behalf)
behalf.save(force_insert=True)
follow_area(actor=actor, unit="", category=own.category.code)
actions.create_staff(actor=SYSTEM, username=(name := f"moi{uuid4().hex[:6]}"), password="PASSWORD", display_name="Người mới")
gone = Erasure.objects.create(
    receipt="XD-" + uuid4().hex[:8].upper(), person_id=uuid4(), asked_at=clock.now() - timedelta(minutes=5),
    done={"counts": {"reports_kept": 3, "reports_erased": 1, "messages": 4, "identity": 2}},
)
same = Case.objects.filter(LISTED, is_open=True, lat__isnull=False).order_by("-received_at")[0]
print(json.dumps({
    "same": f"/report?new=1&category={same.category.code}&lat={same.lat}&lon={same.lon}",
    "newcomer": name,
    "conduct": f"/me/conduct/{placed.pk}", "followed": f"/t/{link}",
    "erased": f"/erasures/{gone.receipt}", "no mails": f"/notices/unsubscribe/{unsubscribe_token(person.pk, 'case')}",
    "no warnings": f"/notices/unsubscribe/{unsubscribe_token(person.pk, 'alert')}",
}))
""".replace("CITIZEN", CITIZEN).replace("PASSWORD", PASSWORD)

_made: dict[str, dict[str, str]] = {}  # address of the city → what was made in it


def rare_pages(served: Served) -> dict[str, str]:
    """Paths by what they are about; and `newcomer`, the name of the staff's newest."""
    if served.base_url not in _made:
        done = served.hues("manage", "shell", "--no-imports", "-v0", "-c", MAKE)
        _made[served.base_url] = json.loads(done.stdout.splitlines()[-1])
    return _made[served.base_url]
