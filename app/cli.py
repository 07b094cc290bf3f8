"""The command `minyi`: puts together what `app/commands` has, one module per subject."""

import sys

import typer

from app.commands.audit import audit_app
from app.commands.clients import client_app
from app.commands.database import database_app
from app.commands.definitions import definitions_app
from app.commands.demo import demo
from app.commands.estimation import estimate
from app.commands.export import export
from app.commands.integrity import integrity_app
from app.commands.keys import keys_app
from app.commands.paper import paper_app
from app.commands.paper_keying import keying_app
from app.commands.permits import permits_app
from app.commands.posters import posters
from app.commands.releases import release_app
from app.commands.sampling import sampling_app
from app.commands.scoring import score_app
from app.commands.serving import serve
from app.commands.staff import staff_app
from app.commands.waves import waves_app
from app.commands.webhooks import webhooks_app
from app.commands.weighting import weight
from app.errors import MinyiError

cli = typer.Typer(
    name="minyi",
    help="Ask citizens how well each department serves them; get numbers that can be defended.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
cli.command()(serve)
cli.command()(demo)
cli.add_typer(database_app, name="database")
cli.add_typer(definitions_app, name="definitions")
cli.add_typer(waves_app, name="waves")
cli.add_typer(staff_app, name="staff")
cli.add_typer(audit_app, name="audit")
cli.add_typer(client_app, name="client")
cli.add_typer(webhooks_app, name="webhooks")
cli.add_typer(keys_app, name="keys")
paper_app.add_typer(keying_app)
cli.add_typer(paper_app, name="paper")
cli.add_typer(integrity_app, name="integrity")
cli.add_typer(permits_app, name="permits")
cli.add_typer(release_app, name="release")
cli.command()(posters)
cli.add_typer(sampling_app, name="sample")
cli.command()(weight)
cli.add_typer(score_app, name="score")
cli.command()(estimate)
cli.command()(export)


def main() -> None:
    """Run the command line; a refusal is a few lines on standard error, not a trace."""
    try:
        cli()
    except MinyiError as error:
        typer.echo(f"{error.detail or error.title} ({error.code})", err=True)
        for fault in error.faults:
            typer.echo(f"  {fault}", err=True)
        sys.exit(1)
