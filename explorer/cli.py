"""The command `explorer`. Bad input ends in one sentence and exit code 2."""

import os
import sys

import typer

from explorer.commands import compare, demo, export, list, pretrain, show, train, truth, variance
from explorer.commands.arguments import FORWARD

app = typer.Typer(
    help="See the advantage of every token under every estimator.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(demo.demo)
app.command(context_settings=FORWARD)(train.train)
app.command()(show.show)
app.command(context_settings=FORWARD)(truth.truth)
app.command()(compare.compare)
app.command()(variance.variance)
app.command()(export.export)
app.command(name="list")(list.list_leaves)
app.command(context_settings=FORWARD)(pretrain.pretrain)


def main() -> None:
    """Run the command line."""
    try:
        app()
    except ValueError as error:
        _end(str(error))
    except BrokenPipeError:  # the reader, such as head, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        _end(f"{error.filename or 'a file'} cannot be used: {error.strerror or error}")


def _end(sentence: str) -> None:
    print(f"explorer: {sentence}", file=sys.stderr)
    sys.exit(2)
