"""What the assistant learned from and what it learned."""

from django.db import models


class TriageModel(models.Model):
    """A trained model of what texts are about. All processes use the newest of their city. Nothing is ever changed in it but `practice`."""

    city = models.CharField(max_length=32)
    version = models.CharField(max_length=32)
    trained_at = models.DateTimeField()
    digest = models.CharField(max_length=64)  # of the pack's phrases and of the program that learned from them
    learned = models.JSONField(default=dict)  # {"voice": how many texts}
    measured = models.JSONField(default=dict)  # hues.assist.triage.measuring.Measured; {} while that is under way
    # How its suggestions and the operators' decisions agree, on cases accepted since it was trained: see triage/learning.py
    practice = models.JSONField(default=dict)
    practice_until = models.DateTimeField(null=True)
    weights = models.BinaryField()

    class Meta:
        indexes = [models.Index(fields=["city", "-id"], name="triage_newest")]
