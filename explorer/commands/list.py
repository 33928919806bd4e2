"""`explorer list`."""

from typing import Annotated

import typer

from explorer.commands.arguments import Json


def list_leaves(
    kind: Annotated[str, typer.Argument(help="estimators, segmenters, tasks ...; or trainer.")],
    name: Annotated[str | None, typer.Argument(help="One of them: its settings.")] = None,
    as_json: Json = False,
) -> None:
    """List the leaves of KIND, or the settings of one of them or of the trainer."""
    from explorer import catalog, leaves, printed
    from explorer.knobs import knobs

    if kind == "trainer":
        from explorer.config import Config

        table = leaves.settings(knobs(Config))
    elif name is None:
        table = leaves.table(leaves.kind_of(kind))
    else:
        table = leaves.settings(catalog.settings(catalog.load(leaves.kind_of(kind), name)))
    printed.rows(table, as_json=as_json)
