"""The whole text of a mail, divided by who is speaking."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("models", "0005_seeing_it_run")]

    initial = False

    operations = [
        ops.AddField(
            model_name="Message",
            name="segments",
            field=fields.JSONField(
                null=True, description="a mail's whole text, divided: kind, text, rule, confidence", unique=False
            ),
        ),
    ]
