
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('access', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='RegisteredClient',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('client_id', models.CharField(max_length=40, unique=True)),
                ('name', models.CharField(max_length=120)),
                ('sender', models.CharField(max_length=80)),
                ('kinds', models.JSONField()),
                ('keys', models.JSONField()),
                ('active', models.BooleanField(default=True)),
                ('created', models.DateTimeField()),
                ('requests_per_minute', models.PositiveIntegerField(null=True)),
                ('bytes_per_day', models.PositiveBigIntegerField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='UsedId',
            fields=[
                ('digest', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('until', models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name='ClientCertificate',
            fields=[
                ('fingerprint', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('der', models.BinaryField()),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='certificates', to='access.registeredclient')),
            ],
        ),
    ]
