import accounts.privacy
import django.db.models.deletion
import petitions.querycode
from django.db import migrations, models


# Whoever came instead stands for the visit that was planned, over however many changes.
CHAINS = """
WITH RECURSIVE chain AS (
    SELECT id, id AS first FROM visits_visit WHERE replaces_id IS NULL
    UNION ALL
    SELECT v.id, c.first FROM visits_visit v JOIN chain c ON v.replaces_id = c.id
)
UPDATE visits_visit v SET stands_for_id = c.first FROM chain c WHERE c.id = v.id AND v.replaces_id IS NOT NULL
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_api_tokens'),
        ('petitions', '0035_pressure_indexes'),
        ('visits', '0006_told_by_telephone'),
    ]

    operations = [
        migrations.CreateModel(
            name='Brief',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ref', models.CharField(default=petitions.querycode.new_ref, editable=False, max_length=16, unique=True)),
                ('asked_on', models.DateField(verbose_name='要求日期')),
                ('due', models.DateField(verbose_name='期限')),
                ('checked', accounts.privacy.EncryptedTextField(default='', verbose_name='预审情况')),
                ('basis', accounts.privacy.EncryptedTextField(default='', verbose_name='法律政策依据')),
                ('promise', accounts.privacy.EncryptedTextField(default='', verbose_name='可以答应的')),
                ('written_on', models.DateField(null=True, verbose_name='完成日期')),
            ],
            options={
                'verbose_name': '接访预审',
                'verbose_name_plural': '接访预审',
            },
        ),
        migrations.AddField(
            model_name='followup',
            name='sponsorship',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='follow_ups', to='visits.sponsorship'),
        ),
        migrations.AddField(
            model_name='visit',
            name='absence',
            field=models.CharField(blank=True, default='', max_length=120, verbose_name='来不了的原因'),
        ),
        migrations.AddField(
            model_name='visit',
            name='absent_on',
            field=models.DateField(null=True, verbose_name='报告日期'),
        ),
        migrations.AddField(
            model_name='visit',
            name='emergency',
            field=models.TextField(blank=True, default='', verbose_name='应急预案'),
        ),
        migrations.AddField(
            model_name='visit',
            name='listed_for',
            field=models.DateField(null=True, verbose_name='已报送名单的日期'),
        ),
        migrations.AddField(
            model_name='visit',
            name='stands_for',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='stood_in', to='visits.visit'),
        ),
        migrations.AddField(
            model_name='visit',
            name='told_for',
            field=models.DateField(null=True, verbose_name='已提前通知的日期'),
        ),
        migrations.AddField(
            model_name='visit',
            name='venue_order',
            field=models.TextField(blank=True, default='', verbose_name='现场秩序安排'),
        ),
        migrations.AlterField(
            model_name='followup',
            name='outcome',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='follow_ups', to='visits.outcome'),
        ),
        migrations.AddConstraint(
            model_name='followup',
            constraint=models.UniqueConstraint(fields=('sponsorship', 'kind'), name='one_duty_of_a_sponsored_case'),
        ),
        migrations.AddConstraint(
            model_name='followup',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('outcome__isnull', True), ('sponsorship__isnull', False)), models.Q(('outcome__isnull', False), ('sponsorship__isnull', True)), _connector='OR'), name='duty_of_one_thing'),
        ),
        migrations.AddField(
            model_name='brief',
            name='asked_by',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.post'),
        ),
        migrations.AddField(
            model_name='brief',
            name='petition',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='petitions.petition'),
        ),
        migrations.AddField(
            model_name='brief',
            name='unit',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.department'),
        ),
        migrations.AddField(
            model_name='brief',
            name='visit',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='briefs', to='visits.visit'),
        ),
        migrations.AddField(
            model_name='brief',
            name='written_by',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.post'),
        ),
        migrations.AddIndex(
            model_name='brief',
            index=models.Index(condition=models.Q(('written_on', None)), fields=['unit', 'due'], name='brief_open'),
        ),
        migrations.AddConstraint(
            model_name='brief',
            constraint=models.UniqueConstraint(fields=('visit', 'petition'), name='one_brief_each_matter'),
        ),
        migrations.RunSQL(CHAINS, migrations.RunSQL.noop),
    ]
