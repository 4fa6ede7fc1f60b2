from __future__ import annotations

import json
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import create_engine, inspect

from console.domain.chain import START, link
from console.domain.errors import Refused
from console.infra.keys import SigningKey
from console.store.database import connect
from console.store.records import AuditCheck
from console.store.rows import columns
from console.store.store import Store
from console.store.tables import SCHEMA_VERSION, metadata
from console.store.upgrade import MIGRATIONS
from tests.store.made import LEDGER, NOW, row, titles, wanted

ROOT = Path(__file__).resolve().parent.parent.parent


def pragma(path: Path, name: str) -> object:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(f"PRAGMA {name}").fetchone()[0]


def test_files_are_for_their_owner_only(store: Store, path: Path) -> None:
    store.inbox.put("ledger", [row()], NOW)
    files = [entry for entry in path.parent.iterdir() if entry.name.startswith(path.name)]
    assert {entry.name for entry in files} >= {path.name, f"{path.name}-wal"}
    assert {stat.S_IMODE(entry.stat().st_mode) for entry in files} == {0o600}


def test_it_is_opened_as_the_design_says(store: Store, path: Path) -> None:
    assert pragma(path, "journal_mode") == "wal"
    assert pragma(path, "user_version") == SCHEMA_VERSION
    with store.database.writing() as transaction:
        assert transaction.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert transaction.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    with store.database.writing(is_cache=True) as transaction:
        assert transaction.exec_driver_sql("PRAGMA synchronous").scalar() == 1


def test_what_is_written_is_there_when_it_is_opened_again(store: Store, path: Path) -> None:
    store.inbox.put("ledger", [row()], NOW)
    store.close()
    again = Store(path)
    assert again.connections.all() == (LEDGER,)
    assert again.inbox.counts(NOW) == {"ledger": 1}
    again.close()


def test_migrations_make_the_tables_that_queries_use(store: Store, path: Path) -> None:
    store.close()
    migrated, described = create_engine(f"sqlite:///{path}"), create_engine("sqlite://")
    metadata.create_all(described)
    made, meant = inspect(migrated), inspect(described)
    index = {"found", *(f"found_{part}" for part in ("config", "data", "docsize", "idx"))}
    assert set(made.get_table_names()) == set(meant.get_table_names()) | {"alembic_version"} | index
    for table in meant.get_table_names():
        shapes = [
            {
                "columns": {
                    each["name"]: (str(each["type"]), each["nullable"]) for each in inspected.get_columns(table)
                },
                "keys": inspected.get_pk_constraint(table)["constrained_columns"],
                "foreign": sorted(str(each) for each in inspected.get_foreign_keys(table)),
                "indexes": sorted((each["name"], each["column_names"]) for each in inspected.get_indexes(table)),
                "unique": sorted(each["column_names"] for each in inspected.get_unique_constraints(table)),
            }
            for inspected in (made, meant)
        ]
        assert shapes[0] == shapes[1], table
    migrated.dispose()
    described.dispose()


def test_the_newest_migration_is_the_schema_of_this_program() -> None:
    assert len(list((MIGRATIONS / "versions").glob("*.py"))) == SCHEMA_VERSION


def test_a_current_store_opens_without_the_migrations(store: Store, path: Path) -> None:
    store.close()
    script = (
        "import json, sys\nfrom pathlib import Path\nfrom console.store.store import Store\n"
        "Store(Path(sys.argv[1])).close()\nprint(json.dumps([name for name in sys.modules if 'alembic' in name]))"
    )
    run = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert json.loads(run.stdout) == []


def test_the_records_load_no_database() -> None:
    script = "import sys, console.store.records, console.services.views\nprint('sqlalchemy' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    assert run.stdout.strip() == "False"


def test_a_newer_schema_is_refused_and_left_alone(store: Store, path: Path) -> None:
    store.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    before = path.read_bytes()
    with pytest.raises(Refused, match="newer Clearance") as refused:
        Store(path)
    assert refused.value.code == "newer-store"
    assert refused.value.next_action
    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_refused_and_left_alone(path: Path) -> None:
    path.write_bytes(b"a letter to my aunt, long enough to be taken for a header of a database file")
    with pytest.raises(Refused, match="damaged") as refused:
        Store(path)
    assert refused.value.code == "damaged-store"
    assert path.read_bytes().startswith(b"a letter")


def made_by_version_1(path: Path) -> None:
    """A store as the first version left it: a connection and two items that wait."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as transaction:
        config.attributes["connection"] = transaction
        command.upgrade(config, "0001")
        transaction.exec_driver_sql("PRAGMA user_version = 1")
        transaction.exec_driver_sql(
            "INSERT INTO connections VALUES ('ledger', 0, 'Ledger', 'fake', '{}', '[]', 0, 0, '', NULL, 90)"
        )
        for number in (1, 2):
            old = columns(row(number, approvals=1, required_approvals=2), "ledger", NOW)
            later = {"approved_by", "initiator", "resource", "snoozed_until"}
            old = {name: value for name, value in old.items() if name not in later}
            transaction.execute(sa.insert(sa.table("waiting", *map(sa.column, old))), old)
    engine.dispose()


def test_what_version_1_kept_is_kept_and_learns_who_signed(path: Path) -> None:
    made_by_version_1(path)
    store = Store(path)
    assert store.connections.all() == (LEDGER,)
    page = store.inbox.page(wanted(signer="pat"))
    kept = {each.item_id: each.waiting for each in page.rows}
    assert kept == {old.key.item_id: old for old in (row(n, approvals=1, required_approvals=2) for n in (1, 2))}
    assert page.to_sign == 2
    store.inbox.put("ledger", [row(1, approvals=1, required_approvals=2, approved_by=("pat",))], NOW)
    assert titles(store, needs_signature=True, signer="pat") == ["Refund 2"]
    store.close()


def test_the_chain_of_version_1_goes_on_and_is_signed_from_then_on(path: Path) -> None:
    made_by_version_1(path)
    old = ['{"at":"2026-11-01T08:00:00.000Z","content":{"decision_id":"d0"},"kind":"queued"}']
    old.append(old[0].replace("queued", "sending"))
    prev = START
    with closing(sqlite3.connect(path)) as connection:
        for line in old:
            connection.execute(
                "INSERT INTO audit (line, prev, hash) VALUES (?, ?, ?)", (line, prev, link(prev, line.encode()))
            )
            prev = link(prev, line.encode())
        connection.commit()
    store = Store(path)
    store.audit.begin(NOW, "another name")
    assert [entry.line for entry in store.audit.entries()] == old
    key = SigningKey(Ed25519PrivateKey.generate(), is_kept=False)
    signed = store.audit.sign(NOW, "opened", key, "pat")
    assert signed is not None
    assert signed.chain == link(START, old[0].encode())
    assert list(store.audit.verify(signed=signed))[-1] == AuditCheck(4, signed_until=4)
    store.close()


def test_an_older_schema_is_copied_before_it_is_changed(path: Path) -> None:
    made_by_version_1(path)
    connect(path).close()
    copy = path.with_name("clearance.db.before-2")
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT name FROM connections").fetchall() == [("Ledger",)]
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)
    assert pragma(path, "user_version") == SCHEMA_VERSION


def test_two_programs_may_make_the_store_at_once(path: Path) -> None:
    script = (
        "import sys\nfrom pathlib import Path\nfrom console.store.store import Store\nStore(Path(sys.argv[1])).close()"
    )
    both = [
        subprocess.Popen([sys.executable, "-c", script, str(path)], cwd=ROOT, stderr=subprocess.PIPE) for _ in range(2)
    ]
    for process in both:
        with process:
            assert process.wait() == 0, process.stderr.read().decode() if process.stderr else ""
    assert pragma(path, "user_version") == SCHEMA_VERSION


def test_only_the_commits_of_others_move_the_version_of_the_data(store: Store, path: Path) -> None:
    before = store.version_of_data()
    store.inbox.put("ledger", [row()], NOW)
    assert store.version_of_data() == before
    other = Store(path)
    other.inbox.put("ledger", [row(2)], NOW)
    other.close()
    assert store.version_of_data() != before


def test_a_transaction_that_fails_leaves_nothing(store: Store) -> None:
    class PowerCut(BaseException):
        pass

    def cut() -> None:
        with store.database.writing() as transaction:
            transaction.exec_driver_sql("DELETE FROM connections")
            raise PowerCut

    with pytest.raises(PowerCut):
        cut()
    assert store.connections.all() == (LEDGER,)
