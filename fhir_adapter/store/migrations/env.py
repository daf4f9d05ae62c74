"""What Alembic runs: the steps, in the transaction that `store.migrate` opened."""

from alembic import context

from fhir_adapter.store.schema import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA,
                  transactional_ddl=False)
context.run_migrations()
