"""Full-text search: an index of its own, kept in step by triggers."""

from __future__ import annotations

from sqlite_utils import Database

#: What is searched.
COLUMNS = ("headline", "authors", "description", "text")

_NEW = ", ".join(f"new.{column}" for column in COLUMNS)
_OLD = ", ".join(f"old.{column}" for column in COLUMNS)
_NAMES = ", ".join(COLUMNS)
_DIFFER = " or ".join(f"old.{column} is not new.{column}" for column in COLUMNS)

# sqlite-utils' own update trigger indexes the text again on any update, a new `last_seen` included.
TRIGGERS = (
    f"""create trigger articles_fts_insert after insert on articles begin
        insert into articles_fts(rowid, {_NAMES}) values (new.id, {_NEW});
    end""",  # noqa: S608 - filled in with the constants above
    f"""create trigger articles_fts_delete after delete on articles begin
        insert into articles_fts(articles_fts, rowid, {_NAMES}) values ('delete', old.id, {_OLD});
    end""",  # noqa: S608 - filled in with the constants above
    f"""create trigger articles_fts_update after update of {_NAMES} on articles when {_DIFFER} begin
        insert into articles_fts(articles_fts, rowid, {_NAMES}) values ('delete', old.id, {_OLD});
        insert into articles_fts(rowid, {_NAMES}) values (new.id, {_NEW});
    end""",  # noqa: S608 - filled in with the constants above
)


def apply(db: Database) -> None:
    db.table("articles").enable_fts(COLUMNS, tokenize="unicode61 remove_diacritics 2", fts_version="FTS5")
    for trigger in TRIGGERS:
        db.execute(trigger)
