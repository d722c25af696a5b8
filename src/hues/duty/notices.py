"""What notices of duty say; a notice of a gap or of a call is seen at once, all others wait for the morning."""

from django.utils.translation import gettext_lazy as _

from hues.notifications.texts import Text

TEXTS: dict[str, Text] = {
    "duty.shift_added": Text(_("You have a shift"), _("{when}, {team}."), "calendar"),
    "duty.shift_called_off": Text(_("Your shift was called off"), _("{when}, {team}: you need not come."), "calendar"),
    "duty.called_in": Text(_("You are called in"), _("{team} needs you now: {when}."), "bolt"),
    "duty.swap_asked": Text(_("{name} asks you to take a shift"), _("{when}, {team}."), "refresh"),
    "duty.swap_accepted": Text(
        _("A swap waits for approval"), _("{colleague} takes the shift of {name}: {when}."), "refresh"
    ),
    "duty.swap_done": Text(_("A shift was swapped"), _("{when}, {team}: {colleague} instead of {name}."), "check"),
    "duty.swap_declined": Text(_("{colleague} cannot take your shift"), _("{when}, {team}: it stays yours."), "close"),
    "duty.swap_refused": Text(_("A swap was not approved"), _("{when}, {team}: {reason}"), "close"),
    "duty.swap_withdrawn": Text(_("{name} withdrew a swap"), _("{when}, {team}: nothing changes."), "undo"),
    "duty.swap_expired": Text(_("A swap ran out"), _("{when}, {team}: it stays as it was."), "clock"),
    "duty.absent": Text(_("{name} will be absent"), _("{when}. See who stands in."), "user"),
    "duty.absence_asked": Text(_("{name} asks for leave"), _("{when}. Please decide."), "user"),
    "duty.absence_granted": Text(_("Your absence is granted"), _("{when}."), "check"),
    "duty.absence_refused": Text(_("Your absence was not granted"), _("{when}: please talk to your head."), "close"),
    "duty.absence_withdrawn": Text(_("{name} comes after all"), _("The absence {when} was withdrawn."), "undo"),
    "duty.gap": Text(_("Nobody on duty: {team}"), _("{when}. Please name somebody."), "warning"),
    "duty.gap_thin": Text(_("Too few on duty: {team}"), _("{when}: {there} instead of {needed}."), "warning"),
}
