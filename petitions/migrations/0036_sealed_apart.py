import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models
from django.db.models.functions import Length


def give_to_an_office(apps, schema_editor):
    """A total given so far was the whole county's: it is its petition office's; without one it can be given anew."""
    total, department = apps.get_model("petitions", "YearTotal"), apps.get_model("accounts", "Department")
    office = department.objects.filter(kind="petition_office").order_by(Length("path"), "code").first()
    if office is None:
        total.objects.all().delete()
    else:
        total.objects.update(office=office)


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_api_tokens'),
        ('petitions', '0035_pressure_indexes'),
    ]

    operations = [
        migrations.AddField(
            model_name='accusation',
            name='auditors',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=64), default=list, size=None),
        ),
        migrations.AddField(
            model_name='yeartotal',
            name='office',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.department'),
        ),
        migrations.RunPython(give_to_an_office, migrations.RunPython.noop),
        migrations.AlterField(
            model_name='yeartotal',
            name='office',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.department'),
        ),
        migrations.AlterField(
            model_name='yeartotal',
            name='year',
            field=models.PositiveSmallIntegerField(verbose_name='年度'),
        ),
        migrations.AddConstraint(
            model_name='yeartotal',
            constraint=models.UniqueConstraint(fields=('office', 'year'), name='one_total_each_year'),
        ),
    ]
