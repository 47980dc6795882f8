"""Words of a matter in PostgreSQL: the function, the two GIN indexes on its expression, and the roads of lists."""

from __future__ import annotations

from django.db import migrations, models

from petitions.search_sql import CREATE_BIGRAMS, DROP_BIGRAMS, WORDS_OF_FILING, WORDS_OF_PETITION

# fastupdate off: a registration pays for its own words (a few milliseconds) instead of one in two thousand paying for all.
_WORDS = f"""
CREATE INDEX petition_words ON petitions_petition USING gin (({WORDS_OF_PETITION.format("")})) WITH (fastupdate = off);
CREATE INDEX filing_words ON petitions_filing USING gin (({WORDS_OF_FILING.format("")})) WITH (fastupdate = off)
    WHERE content <> '';
"""
_NEWEST = ["-received_on", "-id"]


class Migration(migrations.Migration):
    dependencies = [("petitions", "0002_append_only")]
    operations = [
        migrations.RunSQL(CREATE_BIGRAMS, DROP_BIGRAMS),
        migrations.RunSQL(_WORDS, "DROP INDEX petition_words; DROP INDEX filing_words;"),
        migrations.AddIndex("petition", models.Index(fields=["stage", *_NEWEST], name="petition_stage_newest")),
        migrations.AddIndex(
            "petition",
            models.Index(fields=_NEWEST, name="petition_open_newest", condition=models.Q(("due__isnull", False))),
        ),
        migrations.AddIndex(
            "filing",
            models.Index(fields=["petition"], name="filing_with_words", condition=models.Q(("content", ""), _negated=True)),
        ),
        migrations.AddIndex("externalreference", models.Index(fields=["number"], name="reference_number")),
        migrations.RemoveIndex("petitioner", "petitioner_name"),
        migrations.RemoveIndex("petitioner", "petitioner_initials"),
        *(
            migrations.AddIndex(
                "petitioner",
                models.Index(fields=[column, "-petition"], name=name, opclasses=["varchar_pattern_ops", "int8_ops"]),
            )
            for column, name in (("name", "petitioner_name"), ("name_initials", "petitioner_initials"))
        ),
    ]
