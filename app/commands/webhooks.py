"""`minyi webhooks`: where clients are told of events, and what did not arrive."""

import getpass
from typing import Annotated

import typer

from app.commands.running import run
from app.domain.rights.rights import command_line
from app.services import webhook_deliveries, webhooks
from app.services.resources import Resources
from app.store.webhooks import Delivery

webhooks_app = typer.Typer(help="Where clients are told of events.", no_args_is_help=True)

WebhookId = Annotated[str, typer.Argument(help="Id of the webhook.", metavar="WEBHOOK")]


@webhooks_app.command()
def add(
    client: Annotated[str, typer.Argument(help="Name of the client.")],
    url: Annotated[str, typer.Argument(help="Address that takes the events, by https.")],
) -> None:
    """Register an address and print its id and secret, this once.

    Example: minyi webhooks add performance-office https://scores.example.cn/minyi
    """
    me = command_line(getpass.getuser())
    made = run(lambda r: webhooks.register_for(r, me, name=client, url=url))
    typer.echo(f"webhook\t{made.id}\nsecret\t{made.secret}")


@webhooks_app.command("list")
def list_() -> None:
    """List the webhooks: id, client, address.

    Example: minyi webhooks list
    """
    for one in run(webhooks.list_webhooks):
        typer.echo(f"{one.id}\t{one.client}\t{one.url}")


@webhooks_app.command()
def remove(webhook: WebhookId) -> None:
    """Remove a webhook and what was on its way to it.

    Example: minyi webhooks remove 5f0c9b41d2e84a7f8d01c3a96e27b45a
    """

    async def work(resources: Resources) -> None:
        await webhooks.remove(resources, await webhooks.find_webhook(resources, webhook))

    run(work)
    typer.echo(f"{webhook}: removed")


@webhooks_app.command()
def dead() -> None:
    """List events that did not arrive after all tries: webhook, event, kind, tries, problem.

    Example: minyi webhooks dead
    """

    async def work(resources: Resources) -> list[Delivery]:
        return await webhooks.list_dead(resources, *await webhooks.list_webhooks(resources))

    for one in run(work):
        event = one.event
        typer.echo(f"{one.webhook_id}\t{event.sequence}\t{event.kind}\t{one.tries}\t{one.problem}")


@webhooks_app.command()
def replay(
    webhook: WebhookId,
    since: Annotated[
        int | None, typer.Option(help="Send every event after this number too.", min=0)
    ] = None,
) -> None:
    """Send again what did not arrive and, with --since, what did.

    Example: minyi webhooks replay 5f0c9b41d2e84a7f8d01c3a96e27b45a --since 17
    """

    async def work(resources: Resources) -> int:
        found = await webhooks.find_webhook(resources, webhook)
        return await webhooks.replay(resources, found, since=since)

    typer.echo(f"{run(work)} events wait for delivery")


@webhooks_app.command()
def deliver() -> None:
    """Deliver what is due, once. A server does so by itself every few seconds.

    Example: minyi webhooks deliver
    """
    typer.echo(f"{run(webhook_deliveries.deliver_due)} deliveries tried")
