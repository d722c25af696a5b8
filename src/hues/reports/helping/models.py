"""Whom a helper files for."""

from django.conf import settings
from django.db import models

from hues.cases.models import Case
from hues.kernel.ids import new_id


class OnBehalf(models.Model):
    """One report that a helper files for somebody who cannot do it alone. Begun with that person's consent, used once,
    gone after a day where nothing was sent.

    The number is sealed by the vault and read by nobody but the job that sends the person their code and link; it is
    wiped as soon as that happened.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    helper = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(  # who confirmed the code: the reporter
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    sealed_phone = models.BinaryField(default=b"")
    language = models.CharField(max_length=8, default="vi")
    link_hash = models.CharField(max_length=64, default="", blank=True)  # of the short link that the person was sent
    case = models.OneToOneField(Case, null=True, on_delete=models.SET_NULL, related_name="on_behalf")
    consent_at = models.DateTimeField()  # the helper's word that the person agreed
    told_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["helper", "-consent_at"], name="on_behalf_helper"),
            models.Index(fields=["link_hash"], name="on_behalf_link", condition=~models.Q(link_hash="")),
            models.Index(fields=["consent_at"], name="on_behalf_unused", condition=models.Q(case__isnull=True)),
        ]
