"""No index that nothing is asked by."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


# Django gives each unique text a second index for LIKE; refs and hashes are asked for whole, and of the numbers only a
# matter's by its beginning. Each index less is a page less to write at every registration.
_PATTERNS = """
DO $do$ DECLARE name text; BEGIN
  FOR name IN SELECT indexrelid::regclass::text FROM pg_index
     WHERE indexrelid::regclass::text ~ '^petitions_.*_(ref|number|query_code_hash|stored_as)_[0-9a-f]{8}_like$'
       AND indexrelid::regclass::text !~ '^petitions_petition_number_'
  LOOP EXECUTE 'DROP INDEX ' || name; END LOOP;
END $do$;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_system_and_append_only'),
        ('petitions', '0006_file_keys'),
    ]

    operations = [
        migrations.RunSQL(_PATTERNS, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name='assignment',
            name='department',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.department'),
        ),
        migrations.AlterField(
            model_name='assignment',
            name='handler',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.post'),
        ),
        migrations.AlterField(
            model_name='assignment',
            name='sender',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.department'),
        ),
        migrations.AlterField(
            model_name='assignment',
            name='sender_post',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.post'),
        ),
        migrations.AlterField(
            model_name='assignment',
            name='suggested',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.department'),
        ),
        migrations.AlterField(
            model_name='claim',
            name='petition',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='claims', to='petitions.petition'),
        ),
        migrations.AlterField(
            model_name='filing',
            name='handed_by',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.department'),
        ),
        migrations.AlterField(
            model_name='filing',
            name='office',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.department'),
        ),
        migrations.AlterField(
            model_name='filing',
            name='registrar',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.post'),
        ),
        migrations.AlterField(
            model_name='numberseries',
            name='office',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.department'),
        ),
        migrations.AlterField(
            model_name='paper',
            name='department',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.department'),
        ),
        migrations.AlterField(
            model_name='paper',
            name='issued_by',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.post'),
        ),
        migrations.AlterField(
            model_name='party',
            name='filing',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='parties', to='petitions.filing'),
        ),
        migrations.AlterField(
            model_name='petition',
            name='category',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='petitions.category'),
        ),
        migrations.AlterField(
            model_name='petition',
            name='merged_into',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='merged', to='petitions.petition'),
        ),
        migrations.AlterField(
            model_name='petition',
            name='office',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.department'),
        ),
        migrations.AlterField(
            model_name='petition',
            name='region',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.region'),
        ),
        migrations.AlterField(
            model_name='petition',
            name='related_to',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='related', to='petitions.petition'),
        ),
        migrations.AlterField(
            model_name='petition',
            name='responsible',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.department'),
        ),
        migrations.AlterField(
            model_name='proceeding',
            name='checker',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.post'),
        ),
        migrations.AlterField(
            model_name='proceeding',
            name='department',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.department'),
        ),
        migrations.AlterField(
            model_name='proceeding',
            name='drafter',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.post'),
        ),
        migrations.AlterField(
            model_name='proceeding',
            name='handler',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.post'),
        ),
        migrations.AddIndex(
            model_name='filing',
            index=models.Index(fields=['office', '-recorded_at'], name='filing_of_office'),
        ),
    ]
