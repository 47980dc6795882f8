"""A day that is kept says in which measures it was counted; what was derived twice for a day is taken out, and that day is to be counted again."""

import django.contrib.postgres.fields
from django.db import migrations, models

# The measures of every day that was kept until now, in the order in which its totals hold them.
MEASURES = (
    "filings repeats matters claims suggestions joint closed open overdue route_in_time route_late route_overdue route_waits notify_in_time "
    "notify_late notify_overdue notify_waits reply_in_time reply_late reply_overdue reply_waits rateable rated content discontent unrated "
    "first_closed first_settled matters_closed closed_again again contacted long long_resolved sponsored sponsored_resolved resolved stock "
    "stock_closed transferred assigned supervised extended notify_days notified reply_days replied"
)
NAMED = f"UPDATE petitions_figureday SET measures = string_to_array('{MEASURES}', ' ') WHERE made_at IS NOT NULL"
ONCE = """
WITH twice AS (
  SELECT id FROM (
    SELECT id, row_number() OVER (PARTITION BY petition_id, filing_id, capacity, valid_from, valid_to ORDER BY id) AS n
    FROM petitions_figurefact WHERE valid_to IS NOT NULL) s WHERE n > 1),
gone AS (DELETE FROM petitions_figurefact WHERE id IN (SELECT id FROM twice) RETURNING valid_from),
again AS (UPDATE petitions_figureday SET made_at = NULL WHERE NOT frozen AND day IN (SELECT valid_from FROM gone) RETURNING day)
DELETE FROM petitions_figuretotal WHERE day IN (SELECT day FROM again)
"""


class Migration(migrations.Migration):

    dependencies = [
        ("petitions", "0037_sealed_titles"),
    ]

    operations = [
        migrations.AddField(
            model_name="figureday",
            name="measures",
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=30), default=list, size=None, verbose_name="数字"),
        ),
        migrations.RunSQL(NAMED, migrations.RunSQL.noop),
        migrations.RunSQL(ONCE, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="figurefact",
            constraint=models.UniqueConstraint(condition=models.Q(("valid_to__isnull", False)), fields=("petition", "filing", "capacity", "valid_from", "valid_to"), name="one_fact_of_a_span"),
        ),
    ]
