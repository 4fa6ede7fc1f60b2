"""Run by Alembic: applies the revisions on the connection it is given, inside that connection's transaction."""

from alembic import context

from console.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
    transaction_per_migration=False,
)
context.run_migrations()
