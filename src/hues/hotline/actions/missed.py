"""What follows from a call by itself: whoever we missed is called back, and a second call says that the first solved nothing."""

from hues.hotline.models import Call, CallBack
from hues.hotline.policy import policy
from hues.kernel import clock
from hues.kernel.ids import new_id
from hues.people import vault


def follow(call: Call) -> None:
    """In the transaction that holds the call. Idempotent: late events may take everything back."""
    if call.direction == Call.Direction.IN and not call.is_sample:
        _missed(call)
        if call.answered_at is not None and call.number_lookup:
            _reached_by_themselves(call)
    if call.direction == Call.Direction.IN and call.number_lookup:
        _called_again(call)


def _missed(call: Call) -> None:
    due = call.result == Call.Result.LOST and bool(call.number_lookup) and call.wait_s > policy().early_s
    own = CallBack.objects.filter(call=call, reason=CallBack.Reason.MISSED)
    if not due:
        own.filter(state=CallBack.State.OPEN).update(state=CallBack.State.WITHDRAWN, ended_at=clock.now())
        return
    if revived := own.filter(state=CallBack.State.WITHDRAWN, tries=0).first():
        if not _waits_already(call):
            CallBack.objects.filter(pk=revived.pk).update(state=CallBack.State.OPEN, ended_at=None)
        return
    if own.exists() or _waits_already(call) or _answered_since(call):
        return
    ended = call.ended_at or clock.now()
    promise = ended + policy().callback_within
    row = CallBack(
        id=new_id(),
        reason=CallBack.Reason.MISSED,
        call=call,
        promise_at=promise,
        next_at=ended,
        made_at=clock.now(),
    )
    copy_number(call, row)
    row.save(force_insert=True)


def copy_number(call: Call, row: CallBack) -> None:
    """Seal a call's number for the call-back."""
    number = vault.open_sealed(call.sealed_number, call.id.bytes)
    row.sealed_number = vault.seal(number, row.id.bytes)
    row.number_lookup, row.number_end = call.number_lookup, call.number_end


def _waits_already(call: Call) -> bool:
    """One number is called back once, however often it tried."""
    return CallBack.objects.filter(number_lookup=call.number_lookup, state=CallBack.State.OPEN).exists()


def _answered_since(call: Call) -> bool:
    later = Call.objects.filter(number_lookup=call.number_lookup, rang_at__gt=call.rang_at, answered_at__isnull=False)
    return later.exists()


def _reached_by_themselves(call: Call) -> None:
    """They called again and were answered: nobody needs to call them for the call that we missed."""
    waiting = CallBack.objects.filter(
        number_lookup=call.number_lookup, state=CallBack.State.OPEN, reason=CallBack.Reason.MISSED
    ).exclude(call=call)
    for row in waiting.select_for_update():
        row.state, row.ended_at = CallBack.State.DONE, clock.now()
        row.kept = call.answered_at is not None and call.answered_at <= row.promise_at
        row.save(update_fields=["state", "ended_at", "kept"])


def _called_again(call: Call) -> None:
    """The call before this one, of the same number and answered, was not the end of it; and perhaps this one was not."""
    near = policy().repeat
    same = Call.objects.filter(
        number_lookup=call.number_lookup, direction=Call.Direction.IN, answered_at__isnull=False, called_again=False
    ).exclude(pk=call.pk)
    same.filter(rang_at__lt=call.rang_at, rang_at__gte=call.rang_at - near).update(called_again=True)
    if call.answered_at is not None and not call.called_again:
        later = Call.objects.filter(
            number_lookup=call.number_lookup, direction=Call.Direction.IN,
            rang_at__gt=call.rang_at, rang_at__lte=call.rang_at + near,
        )  # fmt: skip
        if later.exists():
            call.called_again = True
            call.save(update_fields=["called_again"])
