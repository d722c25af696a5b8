"""From what happened to what left the house: each notice once in the inbox, and at most once through each channel."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings

from hues.kernel import clock, journal
from hues.kernel.actors import SYSTEM, Actor
from hues.kernel.ids import new_id
from hues.kernel.journal import Entry, Notify
from hues.notifications import actions, sending
from hues.notifications.channels import Outgoing
from hues.notifications.models import Delivery, MessagePart, Notice, PushSubscription, SandboxMail
from hues.notifications.queries import unread_count
from hues.notifications.texts import told
from hues.people import sms
from hues.people.actions import create_staff, open_account
from hues.people.models import SandboxMessage, User
from hues.people.sms import PROVIDERS, Handed, NotSent, Refused, Unsure
from tests.notifications.peers import Browser, PushService

MORNING = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)  # 09:00 in Huế
NIGHT = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)  # 23:00
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def sandbox() -> Iterator[None]:
    with override_settings(SANDBOX=True, SMS_PROVIDER="sandbox", MAIL_PROVIDER="sandbox", LIMITS=True):
        yield


@pytest.fixture
def hương() -> User:
    return open_account(number="+84905123456", language="vi")


@pytest.fixture
def browser(hương: User, service: PushService) -> Browser:
    found = Browser()
    subscribe(hương, found, service.url("phone"))
    return found


def subscribe(person: User, browser: Browser, endpoint: str) -> PushSubscription:
    return actions.add_device(actor=actor(person), endpoint=endpoint, device="Chrome · Android", **browser.keys)


def actor(person: User) -> Actor:
    return Actor("citizen" if person.kind == "citizen" else "staff", person.pk)


def mail_of(person: User, address: str = "huong@mail.example") -> None:
    """Address given, code read in the mail and typed."""
    actions.set_address(actor=actor(person), address=address, language="vi")
    [mail] = SandboxMail.objects.filter(to=address)
    code = next(line for line in mail.text.splitlines() if line.isdigit() and len(line) == 6)
    actions.confirm_address(actor=actor(person), code=code)
    SandboxMail.objects.all().delete()


def happen(person: User, template: str = "case.publish", **data: Any) -> Entry:
    link = "/desk/cases/PA-7K3M-Q2" if person.kind == "staff" else "/me/cases/PA-7K3M-Q2"
    notice = Notify(person.pk, template, link, {"code": "PA-7K3M-Q2", **data})
    with transaction.atomic():
        entry_id = journal.record(
            actor=SYSTEM, action=template, subject_kind="case", subject_id=new_id(), notify=[notice]
        )
    entry = journal.read([entry_id])[entry_id]
    actions.deliver(entry)
    return entry


def states(**filters: Any) -> dict[str, tuple[str, str]]:
    return {d.channel: (d.state, d.reason) for d in Delivery.objects.filter(**filters)}


def later(minutes: float, start: datetime = MORNING) -> None:
    with clock.at(start + timedelta(minutes=minutes)):
        sending.send_waiting()


def test_an_entry_that_comes_again_is_in_the_inbox_once_and_on_each_way_once(
    hương: User, browser: Browser, service: PushService
) -> None:
    with clock.at(MORNING):
        entry = happen(hương)
        for _ in range(3):
            actions.deliver(entry)
            assert actions.tell(entry.id, [hương.pk, hương.pk], "case.publish", "/me") == 0
            sending.send_waiting()
    assert unread_count(hương.pk) == 1 and Delivery.objects.filter(channel="push").count() == 1
    [(_path, _headers, body)] = service.got
    shown = json.loads(browser.read(body))
    assert shown["title"] == "Phản ánh của bạn đã có kết quả" and "PA-7K3M-Q2" in shown["body"]
    assert shown["tag"] == "/me/cases/PA-7K3M-Q2" and shown["link"] == f"/me/notices/{Notice.objects.get().pk}"


def test_many_are_told_in_chunks_and_only_those_that_were_not(hương: User) -> None:
    others = [open_account(number=f"+849051234{n:02d}", language="vi").pk for n in range(20)]
    with transaction.atomic():
        entry_id = journal.record(actor=SYSTEM, action="follow.case", subject_kind="case", subject_id=new_id())
    assert actions.tell(entry_id, others[:5], "follow.case", "/cases/PA-1", {"code": "PA-1"}) == 5
    assert actions.tell(entry_id, [*others, hương.pk, new_id()], "follow.case", "/cases/PA-1", {"code": "PA-1"}) == 16
    assert Notice.objects.count() == 21


def test_the_first_way_that_reaches_somebody_makes_a_text_message_needless(hương: User, browser: Browser) -> None:
    with clock.at(MORNING):
        happen(hương)
        sending.send_waiting()
    assert states() == {"push": ("sent", ""), "sms": ("queued", "")}
    later(6)
    assert states()["sms"] == ("suppressed", "reached") and not SandboxMessage.objects.exists()


def test_whoever_has_no_app_gets_a_text_message_for_what_matters(hương: User) -> None:
    with clock.at(MORNING):
        happen(hương)
        happen(hương, "case.start", agency="Công viên")
        sending.send_waiting()
    [message] = SandboxMessage.objects.all()
    assert message.to == "+84905123456"
    assert message.text == "Hue-S: Phan anh cua ban da co ket qua (PA-7K3M-Q2). Mo Hue-S de xem."
    [delivery] = Delivery.objects.all()
    assert (delivery.state, delivery.provider, delivery.parts) == ("sent", "sandbox", 1) and message.id == delivery.pk


def test_diacritics_for_whoever_wants_them(hương: User) -> None:
    actions.save_preferences(actor=actor(hương), plain_sms=False)
    with clock.at(MORNING):
        happen(hương)
        sending.send_waiting()
    assert "Phản ánh của bạn đã có kết quả" in SandboxMessage.objects.get().text


def test_a_mail_waits_for_the_push_to_be_read(hương: User, browser: Browser) -> None:
    with clock.at(MORNING):
        mail_of(hương)
        happen(hương)
        sending.send_waiting()
        assert not SandboxMail.objects.exists()
        actions.mark_read(actor=actor(hương))
    later(4)
    assert states()["mail"] == ("suppressed", "read") and not SandboxMail.objects.exists()


def test_a_mail_says_it_in_text_and_html_and_lets_itself_be_stopped(hương: User) -> None:
    with clock.at(MORNING):
        mail_of(hương)
        happen(hương, texts={"vi": "Đã thay bóng <b>đèn</b>."})
        sending.send_waiting()
    [mail] = SandboxMail.objects.all()
    assert mail.subject == "Phản ánh của bạn đã có kết quả" and "Đã thay bóng <b>đèn</b>." in mail.text
    assert "Đã thay bóng &lt;b&gt;đèn&lt;/b&gt;." in mail.html and f"/me/notices/{Notice.objects.get().pk}" in mail.html


def test_at_night_it_waits_for_the_morning_and_is_not_lost(hương: User, browser: Browser, service: PushService) -> None:
    with clock.at(NIGHT):
        happen(hương)
        sending.send_waiting()
    assert not service.got and unread_count(hương.pk) == 1
    later(7 * 60 + 29, NIGHT)  # 06:29
    assert not service.got
    later(7 * 60 + 30, NIGHT)
    assert len(service.got) == 1


@pytest.mark.parametrize(
    ("template", "data"), [("case.dispatch", {}), ("case.accept", {"urgent": True}), ("alert.flood", {})]
)
def test_what_cannot_wait_comes_at_night(
    hương: User, browser: Browser, service: PushService, template: str, data: dict[str, Any]
) -> None:
    with clock.at(NIGHT):
        happen(hương, template, **data)
        sending.send_waiting()
    assert len(service.got) == 1


def test_of_a_restricted_case_nothing_is_said_outside_but_that_there_is_news(
    hương: User, browser: Browser, service: PushService
) -> None:
    with clock.at(MORNING):
        mail_of(hương)
        happen(hương, restricted=True, texts={"vi": "Công an đã xử lý."})
        sending.send_waiting()
    later(4)
    shown = browser.read(service.got[0][2]).decode()
    mail = SandboxMail.objects.get()
    for text in (shown, mail.subject + mail.text + mail.html):
        assert "Có tin mới về phản ánh của bạn" in text and "Công an" not in text


def test_what_one_does_not_want_does_not_come_but_the_inbox_has_it(
    hương: User, browser: Browser, service: PushService
) -> None:
    actions.save_preferences(actor=actor(hương), channels={"case": {"push": False, "sms": False}})
    with clock.at(MORNING):
        happen(hương)
        sending.send_waiting()
    assert unread_count(hương.pk) == 1 and not Delivery.objects.exists() and not service.got
    with clock.at(MORNING):
        happen(hương, "alert.flood")
        sending.send_waiting()
    assert len(service.got) == 1  # alerts always come


def test_what_waits_and_is_not_wanted_any_more_is_not_sent(hương: User, browser: Browser, service: PushService) -> None:
    with clock.at(NIGHT):
        happen(hương)
        actions.save_preferences(actor=actor(hương), channels={"case": {"push": False}})
    later(9 * 60, NIGHT)
    assert not service.got and states()["push"] == ("suppressed", "unwanted")


def test_staff_are_told_by_mail_at_their_own_address(service: PushService) -> None:
    officer = create_staff(actor=SYSTEM, username="le.loi", password="x", is_sample=True)
    User.objects.filter(pk=officer.pk).update(email="le.loi@hue.example")
    officer.refresh_from_db()
    with clock.at(NIGHT):
        happen(officer, "case.dispatch", title="Cây đổ")
        sending.send_waiting()
    assert SandboxMail.objects.get().to == "le.loi@hue.example"


def test_an_address_typed_wrong_holds_back_no_other_mail(service: PushService) -> None:
    for n, address in enumerate(("le.loi@", "tran.phu@hue.example", "a@[", "một@hue.example", "@hue.example")):
        officer = create_staff(actor=SYSTEM, username=f"can.bo.{n}", password="x", is_sample=True)
        User.objects.filter(pk=officer.pk).update(email=address)
        with clock.at(NIGHT):
            happen(officer, "case.dispatch")
    with clock.at(NIGHT):
        sending.send_waiting()
    assert SandboxMail.objects.get().to == "tran.phu@hue.example"
    assert Delivery.objects.filter(state="failed", reason="bad address").count() == 4


# ── When it goes wrong ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_browser_that_is_gone_is_forgotten_and_the_text_message_goes(
    hương: User, browser: Browser, service: PushService
) -> None:
    service.answers["phone"] = [(410, {})]
    with clock.at(MORNING):
        happen(hương)
        sending.send_waiting()
    assert states()["push"] == ("suppressed", "no-device") and not PushSubscription.objects.exists()
    later(6)
    assert states()["sms"] == ("sent", "") and SandboxMessage.objects.count() == 1


def test_a_push_service_that_asks_to_wait_is_left_alone_for_so_long(
    hương: User, browser: Browser, service: PushService
) -> None:
    service.answers["phone"] = [(429, {"Retry-After": "600"})]
    with clock.at(MORNING):
        happen(hương)
        sending.send_waiting()
    later(9)
    assert len(service.got) == 1
    later(11)
    assert len(service.got) == 2 and states()["push"] == ("sent", "")


def test_a_telephone_that_has_it_is_not_told_again_for_one_that_has_not(
    hương: User, browser: Browser, service: PushService
) -> None:
    subscribe(hương, Browser(), service.url("tablet"))
    service.answers["tablet"] = [(503, {})]
    with clock.at(MORNING):
        happen(hương)
        sending.send_waiting()
    later(1)
    assert sorted(path for path, _h, _b in service.got) == ["/phone", "/tablet", "/tablet"]
    assert Delivery.objects.get(channel="push").parts == 2 and states()["push"] == ("sent", "")


def test_after_eight_tries_it_is_given_up_and_says_so(hương: User, browser: Browser, service: PushService) -> None:
    service.answers["phone"] = [(503, {})] * 20
    with clock.at(MORNING):
        happen(hương)
    for hour in range(40):
        later(hour * 60)
    assert len(service.got) == 8 and states()["push"] == ("failed", "gave up: later")


def test_a_sender_that_was_killed_leaves_nothing_behind_but_a_second_try(
    hương: User, browser: Browser, service: PushService
) -> None:
    """Killed after the push service took it and before it was written down: at least once, under the same topic and tag."""
    with clock.at(MORNING):
        happen(hương)
        [claimed] = sending.claim("push", 10)
        with sending.CHANNELS.get("push").open() as send:
            send([Outgoing(claimed, told(claimed.notice.template, claimed.notice.data), claimed.notice.link)])
        assert sending.claim("push", 10) == []  # nobody else takes it meanwhile
        sending.send_waiting()
    later(6)
    assert [headers["topic"] for _p, headers, _b in service.got] == [service.got[0][1]["topic"]] * 2
    assert states()["push"] == ("sent", "") and unread_count(hương.pk) == 1


class Provider:
    """A provider that does as it is told, and remembers ids."""

    immediate = False

    def __init__(self, *answers: Exception | Handed) -> None:
        self.answers, self.ids = list(answers), list[str]()

    def ready(self) -> bool:
        return True

    def send(self, to: str, text: str, *, message_id: object) -> Handed:  # noqa: ARG002
        self.ids.append(str(message_id))
        answer = self.answers.pop(0) if self.answers else Handed("")
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def providers(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Provider, Provider]]:
    one, two = Provider(), Provider()
    monkeypatch.setattr(PROVIDERS, "_plugins", {"one": one, "two": two})
    with override_settings(SMS_PROVIDER="one, two"):
        yield one, two


def test_the_next_provider_is_asked_when_the_first_does_not_take_it(
    hương: User, providers: tuple[Provider, Provider]
) -> None:
    one, two = providers
    one.answers = [NotSent("busy")]
    with clock.at(MORNING):
        happen(hương)
        sending.send_waiting()
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.provider) == ("sent", "two") and one.ids == two.ids == [str(delivery.pk)]


def test_nobody_else_sends_what_the_first_may_have_taken(hương: User, providers: tuple[Provider, Provider]) -> None:
    one, two = providers
    one.answers = [Unsure("no answer")]
    with clock.at(MORNING):
        happen(hương)
        sending.send_waiting()
    later(1)
    assert not two.ids and one.ids == [str(Delivery.objects.get().pk)] * 2 and states()["sms"] == ("sent", "")


def test_a_number_that_all_refuse_is_not_tried_again(hương: User, providers: tuple[Provider, Provider]) -> None:
    one, two = providers
    one.answers, two.answers = [Refused("no")], [Refused("unknown")]
    with clock.at(MORNING):
        happen(hương)
        sending.send_waiting()
    later(60)
    assert len(one.ids) == len(two.ids) == 1 and states()["sms"][0] == "failed"


@pytest.mark.parametrize("early", [False, True])
def test_receipts_say_what_arrived_even_those_that_overtake_us(
    hương: User, providers: tuple[Provider, Provider], early: bool
) -> None:
    providers[0].answers = [Handed("one", ("m1", "m2"))]
    if early:
        sms.note_receipt("one", "m1", "delivered")
    with clock.at(MORNING):
        happen(hương)
        sending.send_waiting()
    if not early:
        sms.note_receipt("one", "m1", "delivered")
    assert states()["sms"] == ("sent", "")
    sms.note_receipt("one", "m2", "delivered")
    sms.note_receipt("one", "m2", "delivered")
    assert states()["sms"] == ("delivered", "") and MessagePart.objects.count() == 2
    sms.note_receipt("one", "m2", "failed")
    assert states()["sms"] == ("failed", "not delivered")


def test_a_day_has_an_end_for_text_messages(hương: User) -> None:
    with clock.at(MORNING):
        for _ in range(10):
            happen(hương)
        sending.send_waiting()
    assert SandboxMessage.objects.count() == 8 and states(reason="limit") == {"sms": ("suppressed", "limit")}


def test_one_broken_channel_does_not_stop_the_others(
    hương: User, browser: Browser, service: PushService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hues.notifications.channels.push.message_to", lambda *_: 1 / 0)
    mail_of(hương)
    with clock.at(MORNING):
        happen(hương)
        sending.send_waiting()
    later(4)
    assert states()["push"][0] == "queued" and states()["mail"] == ("sent", "")


def test_yesterday_s_news_are_not_sent_after_an_outage(hương: User, browser: Browser, service: PushService) -> None:
    with clock.at(MORNING):
        happen(hương)
    later(60 * 49)
    assert not service.got and states()["push"] == ("suppressed", "old")


def test_a_channel_can_be_switched_off(hương: User, browser: Browser) -> None:
    with clock.at(MORNING), override_settings(NOTICE_CHANNELS=frozenset({"push"})):
        happen(hương)
    assert set(states()) == {"push"}


def test_quiet_hours_may_lie_within_a_day_or_over_midnight() -> None:
    from hues.notifications.wishes import Wishes, after_quiet

    night, noon = Wishes(), Wishes(quiet_from=time(12, 0), quiet_until=time(13, 30))
    assert after_quiet(NIGHT, night) == datetime(2026, 11, 24, 23, 30, tzinfo=UTC)  # 06:30 of the 25th in Huế
    small_hours = datetime(2026, 11, 24, 17, 30, tzinfo=UTC)  # 00:30 of the 25th
    assert after_quiet(small_hours, night) == datetime(2026, 11, 24, 23, 30, tzinfo=UTC)
    assert after_quiet(datetime(2026, 11, 24, 23, 30, tzinfo=UTC), night) == datetime(2026, 11, 24, 23, 30, tzinfo=UTC)
    assert after_quiet(MORNING, night) == MORNING
    assert after_quiet(datetime(2026, 11, 24, 5, 0, tzinfo=UTC), noon) == datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
    assert after_quiet(NIGHT, noon) == NIGHT
    assert after_quiet(NIGHT, Wishes(quiet=False)) == NIGHT
    assert after_quiet(NIGHT, Wishes(quiet_from=time(22), quiet_until=time(22))) == NIGHT


@pytest.mark.parametrize(("group", "visibility", "said"), [
    ("timed", "public", {}), ("immediate", "public", {"urgent": True}), ("timed", "restricted", {"restricted": True}),
])  # fmt: skip
def test_a_case_says_how_its_news_is_told(group: str, visibility: str, said: dict[str, bool]) -> None:
    from hues.cases.models import Case
    from hues.cases.rungs import how

    assert how(Case(group=group, visibility=visibility)) == said
