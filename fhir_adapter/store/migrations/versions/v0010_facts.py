"""Facts of reports and insights for worklists and statistics, and what people decided."""

import sqlalchemy as sa
from alembic import op

from fhir_adapter.store.schema import Number, Utc

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Make the tables. Reports of before have no facts until they are processed again."""
    op.create_table("report_fact",
        sa.Column("report", sa.String(length=64), nullable=False),
        sa.Column("message", sa.String(length=36), nullable=False),
        sa.Column("patient", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("modality", sa.String(length=16), nullable=False),
        sa.Column("sender", sa.String(length=200), nullable=False),
        sa.Column("reader", sa.String(length=40), nullable=False),
        sa.Column("examined", Utc(), nullable=True),
        sa.Column("received", Utc(), nullable=False),
        sa.Column("week", sa.String(length=10), nullable=False),
        sa.Column("turnaround", sa.Integer(), nullable=True),
        sa.Column("communicated", sa.Integer(), nullable=True),
        sa.Column("age_mismatch", sa.Integer(), nullable=False),
        sa.Column("sex_mismatch", sa.Integer(), nullable=False),
        sa.Column("laterality_discrepancy", sa.Integer(), nullable=False),
        sa.Column("complete_order_discrepancy", sa.Integer(), nullable=False),
        sa.Column("limited_order_discrepancy", sa.Integer(), nullable=False),
        sa.Column("finding", sa.Integer(), nullable=False),
        sa.Column("critical_result", sa.Integer(), nullable=False),
        sa.Column("followup_recommendation", sa.Integer(), nullable=False),
        sa.Column("followup_communication", sa.Integer(), nullable=False),
        sa.Column("radiology_procedure", sa.Integer(), nullable=False),
        sa.Column("scoring_and_assessment", sa.Integer(), nullable=False),
        sa.Column("guidance", sa.Integer(), nullable=False),
        sa.Column("quality_measure", sa.Integer(), nullable=False),
        sa.Column("procedure_discrepancy", sa.Integer(), nullable=False),
        sa.Column("uncommunicated_critical_result", sa.Integer(), nullable=False),
        sa.Column("vague_recommendation", sa.Integer(), nullable=False),
        sa.Column("measurement_discrepancy", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("report", name=op.f("pk_report_fact"))
    )
    op.create_index(op.f("ix_report_fact_patient"), "report_fact", ["patient"], unique=False)
    op.create_index(op.f("ix_report_fact_received_week_turnaround_communicated"), "report_fact",
                    ["received", "week", "turnaround", "communicated"], unique=False)
    op.create_table("insight_fact",
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("report", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("about", sa.String(length=200), nullable=False),
        sa.Column("value", sa.String(length=100), nullable=False),
        sa.Column("urgency", sa.String(length=10), nullable=False),
        sa.Column("rule", sa.String(length=200), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=True),
        sa.Column("due_from", sa.Date(), nullable=True),
        sa.Column("due_until", sa.Date(), nullable=True),
        sa.Column("received", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("type", "id", name=op.f("pk_insight_fact"))
    )
    op.create_index(op.f("ix_insight_fact_report"), "insight_fact", ["report"], unique=False)
    op.create_index(op.f("ix_insight_fact_kind_due_until"), "insight_fact", ["kind", "due_until"], unique=False)
    op.create_index(op.f("ix_insight_fact_kind_received_about_value"), "insight_fact",
                    ["kind", "received", "about", "value"], unique=False)
    op.create_table("decision",
        sa.Column("key", Number, nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("report", sa.String(length=64), nullable=False),
        sa.Column("message", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("rule", sa.String(length=200), nullable=False),
        sa.Column("modality", sa.String(length=16), nullable=False),
        sa.Column("decision", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_decision")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_decision_at"), "decision", ["at"], unique=False)
    op.create_index(op.f("ix_decision_type_id_key"), "decision", ["type", "id", "key"], unique=False)
