"""``sidegrade backup`` and ``sidegrade restore``: a home in a folder of its own, and a home out of one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.answers import Answer
from cli.call import Call, command
from core.config.settings import Settings
from core.errors import InvalidRequest
from core.formatting import count, size

if TYPE_CHECKING:
    from services.backups.manifest import Manifest

commands = typer.Typer()


@command(commands)
def backup(
    call: Call,
    folder: Annotated[Path, typer.Argument(help="A new or empty folder.", metavar="FOLDER")],
) -> Answer:
    """Copy the home while it is at work: database, pictures, suites, policies, settings, with their digests.

    Of a PostgreSQL database the rows are copied into a SQLite file; for a copy of the server itself there is
    pg_dump. Exit code 1 when the home had no file of a picture that its database names.
    """
    from services.backups.making import back_up

    refuse_empty_home(call.settings)
    with call.store() as store:
        made = back_up(store, call.settings, folder, call.now())
    lines = [f"{folder} holds {held(made)}."]
    if made.source == "postgresql":
        lines.append(
            "The rows were copied out of PostgreSQL into a SQLite file, and `sidegrade restore` makes a "
            "SQLite home of it; what else the server holds, its users and settings, is for pg_dump."
        )
    if made.missing:
        lines.append(f"{count(len(made.missing), 'picture')} had no file in this home: {some(made.missing)}")
    return Answer(document=facts_of(folder, made), text="\n".join(lines), exit_code=1 if made.missing else 0)


@command(commands)
def restore(
    call: Call,
    folder: Annotated[Path, typer.Argument(help="What `sidegrade backup` made.", metavar="FOLDER")],
) -> Answer:
    """Make a new home, the one that --home names, of a backup; nothing is ever overwritten.

    Every file is compared with the manifest before anything is written.
    """
    from services.backups.restoring import restore as make_home

    home = call.settings.home
    made = make_home(folder, home)
    default = Settings.from_env({}, home=home).database_url
    other = "" if call.settings.database_url == default else "\nUnset SIDEGRADE_DATABASE_URL to use it."
    return Answer(
        document=facts_of(folder, made) | {"home": home},
        text=f"{home} holds {held(made)}; start it by `sidegrade up --home {home}`.{other}\n"
        f"The suites, policies and models.toml of then lie in it; to use them in place of those of now, set "
        f"SIDEGRADE_SUITES={home / 'suites'}, SIDEGRADE_POLICIES={home / 'policies'}, and copy models.toml "
        "to where its models lie.",
    )


def refuse_empty_home(settings: Settings) -> None:
    """Refuse a home without a database: one would be made, and the backup would hold nothing.

    Raises:
        InvalidRequest: naming the file that is not there.
    """
    from db.database_file import file_of

    file = file_of(settings.database_url)
    if file is not None and not file.is_file():
        raise InvalidRequest(
            f"{file}: expected the database of a home, found none", remedy="name the home by --home"
        )


def facts_of(folder: Path, made: Manifest) -> dict[str, object]:
    """A backup for machines; its files stand in its manifest."""
    return {
        "folder": folder,
        "backup": made.digest,
        "made_at": made.made_at,
        "schema": made.schema,
        "source": made.source,
        "pictures": made.pictures,
        "missing": made.missing,
        "rows": made.rows,
        "files": len(made.files),
        "size_bytes": made.size_bytes,
    }


def held(made: Manifest) -> str:
    """What a backup holds, in words."""
    counted = ", ".join(
        count(made.rows.get(table, 0), noun)
        for table, noun in (("runs", "run"), ("verdicts", "verdict event"))
    )
    return (
        f"{counted} and {count(made.pictures, 'picture')} in {size(made.size_bytes)}, of "
        f"{made.made_at:%Y-%m-%d %H:%M} UTC with schema {made.schema} ({made.digest})"
    )


def some(digests: tuple[str, ...]) -> str:
    """The first few digests; the document has all."""
    more = ", …" if len(digests) > 3 else ""
    return ", ".join(digest[:16] for digest in digests[:3]) + more
