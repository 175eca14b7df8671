"""What the program offers is documented: every command, option, label, table and column."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import click
import pytest

from archive import Archive
from archive.values import KEPT_LABELS, KINDS, LABELS, PAGE_FORMS
from crawler.commands.top import cli

ROOT = Path(__file__).parents[2]


def doc(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def commands(group: click.Group, prefix: str = "pressmark") -> dict[str, click.Command]:
    found: dict[str, click.Command] = {}
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)  # not `group.commands`: commands are imported when used
        assert command is not None
        found[f"{prefix} {name}"] = command
        if isinstance(command, click.Group):
            found |= commands(command, f"{prefix} {name}")
    return found


COMMANDS = commands(cli)
assert "pressmark reclean" in COMMANDS, "without commands there is nothing to check"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_section_that_names_each_of_its_options(name: str) -> None:
    sections = dict(
        re.findall(
            r"^## `(pressmark [^`\[A-Z]+?)(?: [\[A-Z][^`]*)?`\n(.*?)(?=^## |\Z)",
            doc("docs/commands.md"),
            re.M | re.S,
        )
    )
    assert name in sections, f"docs/commands.md has no section '## `{name} …`'"
    options = [
        o for p in COMMANDS[name].params if isinstance(p, click.Option) for o in p.opts if o.startswith("--")
    ]
    assert [o for o in options if f"`{o}" not in sections[name]] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself_with_an_example(name: str) -> None:
    command = COMMANDS[name]
    if isinstance(command, click.Group):
        assert command.help
        return
    assert "Example" in (command.help or ""), f"`{name} --help` shows no example"
    assert name in (command.help or "")


def test_every_label_is_in_the_table_of_labels_and_none_else() -> None:
    assert sorted(re.findall(r"^\| `(\w+)` \|", doc("docs/labels.md"), re.M)) == sorted(LABELS)
    kept = doc("docs/labels.md").split("Read for metadata")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", kept, re.M)) == KEPT_LABELS


def test_every_form_of_page_is_in_the_table_of_forms_with_its_kinds() -> None:
    told = dict(re.findall(r"^\| `([\w ]+)` \| ([\w, ]+) \|", doc("docs/kinds.md"), re.M))
    assert {form: tuple(kinds.split(", ")) for form, kinds in told.items()} == PAGE_FORMS
    assert all(f"`{kind}`" in doc("docs/kinds.md") for kind in KINDS)


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    root = tmp_path_factory.mktemp("archive")
    Archive.open(root, software="test").close()
    database = sqlite3.connect(root / "articles.db")
    names = [
        name
        for (name,) in database.execute("select name from sqlite_master where type in ('table', 'view')")
        if not name.startswith(("sqlite_", "articles_fts_", "_"))
    ]
    found = {name: [row[1] for row in database.execute(f"pragma table_info([{name}])")] for name in names}
    database.close()
    return found


def test_every_table_view_and_column_is_documented(schema: dict[str, list[str]]) -> None:
    sections = dict(re.findall(r"^## `(\w+)`\n(.*?)(?=^## |\Z)", doc("docs/tables.md"), re.M | re.S))
    missing = [f"{table}.{column}" for table, columns in schema.items() for column in columns
               if f"`{column}`" not in sections.get(table, "")]  # fmt: skip
    assert not missing
    assert set(sections) == set(schema)


def test_the_readme_shows_only_commands_and_options_that_exist() -> None:
    shown = re.findall(r"^\$ (?:\S*/)?pressmark (.+)$", doc("README.md"), re.M)
    assert shown
    for line in shown:
        words = line.split()
        name = next(
            (n for n in sorted(COMMANDS, key=len, reverse=True) if f"pressmark {line}".startswith(n)), None
        )
        assert name, f"README shows `pressmark {line}`"
        known = {o for p in COMMANDS[name].params for o in p.opts}
        assert {w.split("=")[0] for w in words if w.startswith("--")} <= known | {"--help", "--version"}


def test_links_between_documents_lead_somewhere() -> None:
    broken = [
        f"{page.relative_to(ROOT)} → {target}"
        for page in [ROOT / "README.md", ROOT / "CHANGELOG.md", *ROOT.glob("docs/**/*.md")]
        for target in re.findall(r"\]\((?!https?:|#)([^)#\s]+)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]
    assert not broken
