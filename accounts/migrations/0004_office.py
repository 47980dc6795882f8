"""What a database is for, for good; and the office itself.  A database that is in use already gets its mark here."""

import django.db.models.deletion
from django.utils import timezone
from django.db import migrations, models

from accounts.append_only import append_only


def mark_what_is_there(apps, schema_editor):
    departments = apps.get_model("accounts", "Department").objects.exclude(code="system")
    if not departments.exists():
        return
    demo = departments.filter(code__in=["PJ-XF", "PJ-GUO"]).count() == 2  # as petitions/demo/data names them
    mark = apps.get_model("accounts", "DatabaseMark")
    mark.objects.create(kind="demo" if demo else "office")
    if not demo:
        office = apps.get_model("accounts", "Office")
        office.objects.create(finished_at=timezone.now())  # set up by hand: the first-run pages stay closed


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_seal_settled'),
    ]

    operations = [
        migrations.CreateModel(
            name='DatabaseMark',
            fields=[
                ('id', models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('demo', '演示'), ('office', '正式')], max_length=10, verbose_name='用途')),
                ('made_at', models.DateTimeField(auto_now_add=True, verbose_name='时间')),
            ],
            options={
                'verbose_name': '数据库用途',
                'verbose_name_plural': '数据库用途',
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='one_mark'), models.CheckConstraint(condition=models.Q(('kind__in', ['demo', 'office'])), name='mark_is_demo_or_office')],
            },
        ),
        migrations.CreateModel(
            name='Office',
            fields=[
                ('id', models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('name', models.CharField(blank=True, max_length=80, verbose_name='机关名称')),
                ('letterhead', models.CharField(blank=True, max_length=80, verbose_name='发文机关标志')),
                ('preset', models.CharField(blank=True, max_length=20, verbose_name='地方规则')),
                ('staffed_at', models.DateTimeField(blank=True, null=True, verbose_name='单位人员录入时间')),
                ('finished_at', models.DateTimeField(blank=True, null=True, verbose_name='启用时间')),
                ('pending', models.JSONField(blank=True, default=dict)),
                ('code_hash', models.BinaryField(default=b'')),
                ('code_tries', models.PositiveSmallIntegerField(default=0)),
                ('opened_by', models.CharField(blank=True, max_length=64)),
                ('department', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.department')),
                ('region', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.region')),
            ],
            options={
                'verbose_name': '本机关',
                'verbose_name_plural': '本机关',
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='one_office')],
            },
        ),
        append_only("accounts_databasemark"),
        migrations.RunPython(mark_what_is_there, migrations.RunPython.noop),
    ]
