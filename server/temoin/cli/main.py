"""The command `temoin`: global options, the table of commands, and exit codes.

Exit codes (CONTRACT section 2): 0 done; 1 the check found something or verification failed; 2 bad usage or bad input;
3 something needed is missing.
"""

from __future__ import annotations

import sys

import click
import orjson

from temoin import __version__
from temoin.cli import (
    access,
    account,
    backup,
    demo,
    doctor,
    evidence,
    imports,
    insights,
    log,
    overrides,
    plan,
    records,
    search,
    serve,
    site,
    stats,
    tag,
    versions,
)
from temoin.cli.context import Context
from temoin.errors import TemoinError
from temoin.settings import load_settings


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--data", metavar="DIR", help="Folder of the embedded store. Environment: TEMOIN_DATA. [default: ./temoin-data]"
)
@click.option("--store", metavar="URL", help="Address of another store. Environment: TEMOIN_STORE.")
@click.option("--json", "as_json", is_flag=True, help="Print facts as JSON.")
@click.version_option(__version__, prog_name="temoin")
@click.pass_context
def cli(context: click.Context, data: str | None, store: str | None, as_json: bool) -> None:
    """Témoin: an honest banner, a durable decision, a proof that an outside auditor can verify."""
    context.obj = Context(load_settings(data=data, store=store), as_json)


for command in (
    *(serve.serve, demo.demo, site.site, site.lint_command, site.publish_command),
    *(evidence.export_command, evidence.verify_command, access.access_command, log.log),
    *(search.search_command, search.inspect_command),
    *(records.erase_command, records.retain_command, records.archive_command, account.user, account.token),
    *(backup.backup_command, backup.restore_command, doctor.doctor_command, stats.stats_command),
    insights.insights_command,
):
    cli.add_command(command)


for command in (
    imports.import_command,
    tag.tag,
    tag.check,
    log.rotate_key_command,
    versions.versions,
    versions.diff,
    versions.take_back_command,
    overrides.override_command,
    plan.plan_command,
):
    site.site.add_command(command)


def run() -> None:
    """The console script: errors become one clear message and the exit code of their kind."""
    try:
        # Outside its stand-alone mode click returns the code that a command exits with.
        sys.exit(cli(standalone_mode=False) or 0)
    except click.Abort:
        click.echo("Stopped.", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except TemoinError as error:
        show(error)
        sys.exit(error.exit_code)


def show(error: TemoinError) -> None:
    """An error for a person, or in the wire's shape where --json was asked for."""
    if "--json" in sys.argv:
        click.echo(orjson.dumps(error.as_dict(), option=orjson.OPT_INDENT_2).decode(), err=True)
    else:
        click.echo(f"{click.style('Error:', fg='red', bold=True)} {error.message}\n{error.hint}", err=True)
