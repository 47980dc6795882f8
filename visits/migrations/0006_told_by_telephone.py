import accounts.privacy
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_api_tokens'),
        ('visits', '0005_wall_links'),
    ]

    operations = [
        migrations.AddField(
            model_name='booking',
            name='phone_key',
            field=models.CharField(blank=True, default='', max_length=64),
        ),
        migrations.AddField(
            model_name='booking',
            name='to_tell',
            field=models.CharField(blank=True, choices=[('cancelled', '接访取消'), ('moved', '改了时间地点'), ('swapped', '换了接访领导'), ('promoted', '候补补上')], default='', max_length=10, verbose_name='要告知的'),
        ),
        migrations.AddField(
            model_name='booking',
            name='told_at',
            field=models.DateTimeField(null=True, verbose_name='告知时间'),
        ),
        migrations.AddField(
            model_name='booking',
            name='told_by',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.post'),
        ),
        migrations.AddField(
            model_name='reception',
            name='field',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.department'),
        ),
        migrations.AddField(
            model_name='reception',
            name='representatives',
            field=accounts.privacy.EncryptedTextField(default='', verbose_name='代表'),
        ),
        migrations.AddField(
            model_name='visit',
            name='urgent',
            field=models.BooleanField(default=False, verbose_name='紧急变更'),
        ),
        migrations.AddIndex(
            model_name='booking',
            index=models.Index(condition=models.Q(('told_at', None), models.Q(('to_tell', ''), _negated=True)), fields=['visit'], name='booking_to_tell'),
        ),
        migrations.AddIndex(
            model_name='booking',
            index=models.Index(condition=models.Q(('phone_key', ''), _negated=True), fields=['phone_key'], name='booking_of_phone'),
        ),
    ]
