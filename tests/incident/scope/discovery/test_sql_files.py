"""SQL files of every origin: where statements end, what is skipped, what is read of a table."""

from __future__ import annotations

import gzip
import io
import tracemalloc
from pathlib import Path

import pytest

from incident.errors import OutsideError
from incident.scope.discovery.catalogue import Catalogue, ForeignKey
from incident.scope.discovery.ddl import read_schema_file
from incident.scope.discovery.statements import Statements


def statements(text: str, *, backslashes: bool = False) -> list[str]:
    return [" ".join(one.split()) for one in Statements(io.StringIO(text), backslashes)]


def read(tmp_path: Path, text: str, name: str = "schema.sql", encoding: str = "utf-8") -> Catalogue:
    file = tmp_path / name
    file.write_text(text, encoding=encoding)
    return read_schema_file(file)


@pytest.mark.parametrize(
    "between",
    [
        "INSERT INTO x VALUES ('; CREATE TABLE no (a int);\nCREATE TABLE no (a int);');",
        "INSERT INTO x VALUES ('it''s; ');\n",
        "COPY public.x (a) FROM stdin;\nCREATE TABLE no (a int);\n'\n\\.\n",
        "\\connect shop\n\\restrict abc'def\n",
        "-- CREATE TABLE no (a int);\n/* CREATE TABLE no (a int); ' */",
        "/*!50001 CREATE VIEW v AS SELECT 1 */;",
        "CREATE FUNCTION f() RETURNS trigger AS $body$ BEGIN; CREATE TABLE no (a int); END $body$ LANGUAGE plpgsql;",
        "-- +goose Down\nDROP TABLE one;\n-- +goose Up\n",
        "-- migrate:down\nCREATE TABLE no (a int);\n-- migrate:up\n",
        "DELIMITER ;;\nCREATE TRIGGER t BEGIN INSERT INTO x; CREATE TABLE no (a int); END;;\nDELIMITER ;\n",
        "SET x = 1\nGO\nPRINT 'CREATE TABLE no (a int)'\nGO\n",
        "GRANT SELECT ON a TO b;;\n;",
    ],
)
def test_what_is_no_table_is_passed_over(between: str) -> None:
    text = f"CREATE TABLE one (a int);\n{between}\nCREATE TABLE two (b int);\n"
    assert statements(text) == ["CREATE TABLE one (a int)", "CREATE TABLE two (b int)"]


def test_backslashes_are_quotes_in_mysql_only() -> None:
    text = "INSERT INTO x VALUES ('it\\'s; ');\nCREATE TABLE two (b int);\n"
    assert statements(text, backslashes=True) == ["CREATE TABLE two (b int)"]
    text = "INSERT INTO x VALUES ('C:\\');\nCREATE TABLE two (b int);\n"
    assert statements(text) == ["CREATE TABLE two (b int)"]
    text = "INSERT INTO x VALUES (E'it\\'s; ');\nCREATE TABLE two (b int);\n"
    assert statements(text) == ["CREATE TABLE two (b int)"]


def test_misjudged_backslashes_are_judged_again(tmp_path: Path) -> None:
    text = "CREATE TABLE one (a int);\nINSERT INTO x VALUES ('it\\'s');\nCREATE TABLE two (b int);\n"
    assert [table.name for table in read(tmp_path, text).tables] == ["one", "two"]


def test_statements_without_a_semicolon_end_where_the_next_begins() -> None:
    text = (
        "CREATE TABLE one (\n  a int\n)\nCREATE TABLE two (b int)\nINSERT INTO x VALUES (1)\nCREATE TABLE three (c int)"
    )
    assert [one.split()[2] for one in statements(text)] == ["one", "two", "three"]


def test_data_is_never_held(tmp_path: Path) -> None:
    file = tmp_path / "dump.sql"
    row = "(1,'" + "x" * 1000 + "'),"
    with file.open("w", encoding="utf-8") as out:
        out.write("CREATE TABLE `one` (`a` int) ENGINE=InnoDB;\nINSERT INTO `one` VALUES ")
        for _ in range(20_000):  # twenty million characters on one line
            out.write(row)
        out.write("(1,'');\nCREATE TABLE `two` (`b` int) ENGINE=InnoDB;\n")
    tracemalloc.start()
    catalogue = read_schema_file(file)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [table.name for table in catalogue.tables] == ["one", "two"]
    assert most < 16_000_000


def test_keys_types_and_comments_are_read(tmp_path: Path) -> None:
    catalogue = read(
        tmp_path,
        """
        CREATE TABLE public.people (id bigint NOT NULL, mail character varying(80), born date, doc jsonb);
        CREATE TABLE other.log (person bigint, ip inet);
        ALTER TABLE ONLY public.people ADD CONSTRAINT p PRIMARY KEY (id);
        ALTER TABLE ONLY other.log ADD CONSTRAINT f FOREIGN KEY (person) REFERENCES public.people(id) ON DELETE CASCADE;
        CREATE UNIQUE INDEX u ON public.people USING btree (mail);
        COMMENT ON COLUMN public.people.mail IS 'where to write';
        """,
    )
    people, log = catalogue.by_name["people"], catalogue.by_name["other.log"]
    assert (people.key, people.unique) == (("id",), (("mail",),))
    assert [column.kind for column in people.columns] == ["whole", "text", "day", "json"]
    assert people.by_name["mail"].comment == "where to write"
    assert log.foreign == (ForeignKey(("person",), "people", ("id",)),)
    assert log.by_name["ip"].kind == "ip"


def test_partitions_belong_to_their_table(tmp_path: Path) -> None:
    catalogue = read(
        tmp_path,
        "CREATE TABLE public.logins (user_id uuid, at timestamptz) PARTITION BY RANGE (at);\n"
        "CREATE TABLE public.logins_1 (user_id uuid, at timestamptz);\n"
        "ALTER TABLE ONLY public.logins ATTACH PARTITION public.logins_1 FOR VALUES IN (1);",
    )
    assert catalogue.by_name["logins"].part_of is None
    assert catalogue.by_name["logins_1"].part_of is not None


def test_keys_that_come_later_in_phpmyadmin_dumps(tmp_path: Path) -> None:
    catalogue = read(
        tmp_path,
        "-- phpMyAdmin SQL Dump\nCREATE TABLE `u` (`id` int(11) NOT NULL, `m` varchar(9)) ENGINE=InnoDB;\n"
        "ALTER TABLE `u`\n  ADD PRIMARY KEY (`id`),\n  ADD UNIQUE KEY `m` (`m`(5)),\n  ADD KEY `x` (`id`);\n"
        "ALTER TABLE `u`\n  MODIFY `id` int(11) NOT NULL AUTO_INCREMENT;\n",
    )
    assert (catalogue.tables[0].key, catalogue.tables[0].unique) == (("id",), (("m",),))


def test_one_odd_line_does_not_cost_the_table(tmp_path: Path) -> None:
    catalogue = read(
        tmp_path,
        "CREATE TABLE t (id int NOT NULL, odd frob<<>> NOPE (1), mail varchar(9) NOT NULL, PRIMARY KEY (id));\n"
        "CREATE TABLE broken (((;\nCREATE TABLE after (id int);\n",
    )
    assert {"id", "mail"} <= set(catalogue.by_name["t"].by_name)
    assert catalogue.by_name["t"].key == ("id",)
    assert "after" in catalogue.by_name
    assert any("passed over" in note for note in catalogue.notes)


def test_a_torn_file_is_said_to_be_torn(tmp_path: Path) -> None:
    catalogue = read(tmp_path, "CREATE TABLE t (id int);\nINSERT INTO t VALUES ('never ends")
    assert [table.name for table in catalogue.tables] == ["t"]
    assert any("ends inside a text" in note for note in catalogue.notes)


def test_files_of_windows_and_packed_files(tmp_path: Path) -> None:
    assert read(tmp_path, "CREATE TABLE [dbo].[T]([Id] [int] NOT NULL)\nGO\n", encoding="utf-16").tables[0].name == "T"
    packed = tmp_path / "dump.sql.gz"
    packed.write_bytes(gzip.compress(b"CREATE TABLE t (id int);"))
    assert read_schema_file(packed).tables[0].name == "t"
    packed.write_bytes(b"\x1f\x8bdamaged")
    with pytest.raises(OutsideError):
        read_schema_file(packed)


def tables_of(tmp_path: Path, text: str) -> dict[str, tuple[str, ...]]:
    return {table.name: tuple(table.by_name) for table in read(tmp_path, text).tables}


def test_migrations_leave_the_tables_as_the_last_one_left_them(tmp_path: Path) -> None:
    text = """
        CREATE TABLE guests (id int PRIMARY KEY, mail varchar(80), motto text, old int);
        CREATE TABLE stays (id int PRIMARY KEY, guest_id int REFERENCES guests(id));
        ALTER TABLE guests RENAME COLUMN mail TO email;
        ALTER TABLE guests DROP COLUMN old, ADD COLUMN seen_at timestamp;
        ALTER TABLE guests ALTER COLUMN motto TYPE jsonb USING motto::jsonb;
        ALTER TABLE guests RENAME TO visitors;
        ALTER TABLE visitors RENAME id TO visitor_id;
        CREATE TABLE IF NOT EXISTS visitors (nothing int);
        CREATE TEMPORARY TABLE t_copy (a int);
        CREATE TABLE gone (a int);
        DROP TABLE IF EXISTS gone CASCADE;
    """
    catalogue = read(tmp_path, text)
    visitors = catalogue.by_name["visitors"]
    assert [column.name for column in visitors.columns] == ["visitor_id", "email", "motto", "seen_at"]
    assert visitors.key == ("visitor_id",)
    assert visitors.by_name["motto"].kind == "json"
    assert catalogue.by_name["stays"].foreign == (ForeignKey(("guest_id",), "visitors", ("visitor_id",)),)
    assert set(catalogue.by_name) == {"visitors", "stays"}
    assert catalogue.notes == ()


def test_a_table_that_is_made_anew_under_a_passing_name_is_the_old_one(tmp_path: Path) -> None:
    text = """
        CREATE TABLE chips (id INTEGER PRIMARY KEY, k TEXT);
        CREATE TABLE games (id INTEGER PRIMARY KEY, chip_id INTEGER REFERENCES chips(id));
        CREATE TABLE chips_new (id INTEGER PRIMARY KEY, akey TEXT);
        INSERT INTO chips_new SELECT * FROM chips;
        DROP TABLE chips;
        ALTER TABLE chips_new RENAME TO chips;
        ALTER TABLE games RENAME TO games_old;
        CREATE TABLE games (id INTEGER PRIMARY KEY, chip_id INTEGER REFERENCES chips(id), won INTEGER);
        DROP TABLE games_old;
    """
    assert tables_of(tmp_path, text) == {"chips": ("id", "akey"), "games": ("id", "chip_id", "won")}
    assert read(tmp_path, text).by_name["games"].foreign == (ForeignKey(("chip_id",), "chips", ("id",)),)


def test_the_ways_other_engines_change_tables(tmp_path: Path) -> None:
    text = """
        CREATE TABLE `a` (`id` int(11) NOT NULL, `k` varchar(9)) ENGINE=InnoDB;
        ALTER TABLE `a` CHANGE COLUMN `k` `key` varchar(40) NOT NULL, MODIFY `id` bigint NOT NULL, ADD KEY `x` (`id`);
        ALTER TABLE `a` ADD `key2` varchar(9), ADD COLUMN (`c` int, `d` int);
        CREATE TABLE `b` LIKE `a`;
        CREATE TABLE `c` AS SELECT * FROM `a`;
        RENAME TABLE `a` TO `z`, `b` TO `y`;
    """
    columns = ("id", "key", "key2", "c", "d")
    assert tables_of(tmp_path, text) == {"z": columns, "y": columns, "c": columns}
    assert read(tmp_path, text).by_name["z"].by_name["id"].type == "bigint"


def test_a_block_that_runs_as_it_is_read_makes_tables_and_a_function_does_not(tmp_path: Path) -> None:
    text = """
        CREATE TABLE a (id int, token text);
        DO $$ BEGIN
          IF EXISTS (SELECT 1 FROM information_schema.columns WHERE column_name = 'token') THEN
            ALTER TABLE "a" RENAME COLUMN "token" TO "token_new";
          END IF;
          CREATE TABLE b (id int);
        EXCEPTION WHEN OTHERS THEN NULL;
        END $$;
        CREATE FUNCTION f() RETURNS void AS $f$ BEGIN DROP TABLE a; END $f$ LANGUAGE plpgsql;
    """
    assert tables_of(tmp_path, text) == {"a": ("id", "token_new"), "b": ("id",)}
