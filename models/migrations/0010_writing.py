"""What writing needs: until when an upload is kept, and messages whose mail tells a new status too."""

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

FORWARD = [
    """ALTER TABLE deliveries
        DROP CONSTRAINT deliveries_status_told,
        ADD CONSTRAINT deliveries_status_told
            CHECK (CASE kind WHEN 'status' THEN status IS NOT NULL WHEN 'message' THEN true ELSE status IS NULL END)""",
    "UPDATE uploads SET kept_until = created_at + interval '7 days'",
]


class Migration(migrations.Migration):
    dependencies = [("models", "0009_desk")]

    initial = False

    operations = [
        ops.RemoveIndex(
            model_name="Upload",
            name="uploads_by_age",
        ),
        ops.AddField(
            model_name="Upload",
            name="kept_until",
            field=fields.DatetimeField(
                null=True,
                description="by what day it goes if no draft names it; null: its owner gave it up",
                auto_now=False,
                auto_now_add=False,
            ),
        ),
        ops.AddIndex(
            model_name="Upload",
            index=Index(fields=["kept_until"], name="uploads_by_end"),
        ),
        ops.RunSQL(FORWARD),
    ]
