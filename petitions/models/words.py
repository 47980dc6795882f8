"""How common is a word in the record?  Counts from a sample, kept for weighing what two texts share."""

from __future__ import annotations

from django.db import models


class WordCount(models.Model):
    """About how many matters hold a word of the index; the empty word stands for how many matters there are.

    Words of texts only: nothing here belongs to a person or a unit.  Words that stood but once in the sample are left out.
    """

    word = models.CharField(max_length=64, primary_key=True)
    matters = models.PositiveIntegerField()

    class Meta:
        verbose_name = "用字统计"
        verbose_name_plural = "用字统计"
