"""The commands and their options. What they do is imported when it is done.

``netsmith --help`` has to answer at once, so nothing here may import NumPy.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(
    name="netsmith",
    help="Draw a neural network, train it, take it away as ONNX. "
    "Without a command the window opens; [bold]netsmith demo[/bold] shows it at work.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)

ProjectName = Annotated[
    str, typer.Argument(metavar="PROJECT", help="A project file, or the name of an example.")
]
OnnxFile = Annotated[Path, typer.Option("--to", metavar="FILE.onnx", help="The file to write.")]

BAD_INPUT = 2
FAILED = 1
INTERRUPTED = 130


@app.command()
def train(
    project: ProjectName,
    epochs: Annotated[
        int | None, typer.Option(help="Number of passes over the training data.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="Random seed; the same seed repeats the run.")
    ] = None,
    data: Annotated[
        Path | None, typer.Option(metavar="PATH", help="Train on this file or folder instead.")
    ] = None,
    export: Annotated[
        Path | None, typer.Option(metavar="FILE.onnx", help="Export the trained network, verified.")
    ] = None,
    anyway: Annotated[
        bool,
        typer.Option(
            "--anyway", help="Train despite problems, as long as the network can be computed."
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="End with one line of JSON.")] = False,
    save: Annotated[
        bool, typer.Option("--save/--no-save", help="Save the trained network next to the project.")
    ] = True,
    go_on: Annotated[
        bool,
        typer.Option(
            "--continue", help="Go on from the trained weights, as far as they still fit."
        ),
    ] = False,
) -> int:
    """Train a project's network. Ctrl+C or SIGTERM ends it early and keeps what was learned."""
    from engine.cli.projects import open_project
    from engine.cli.reports import print_result
    from engine.cli.training import train_project

    opened = open_project(project).with_options(epochs=epochs, seed=seed, data=data)
    result = train_project(opened, save=save, export=export, go_on=go_on, anyway=anyway)
    print_result(result, as_json)
    if result.outcome == "diverged":
        what, _, todo = result.note.partition(". ")
        return _complain(f"{what}.", f"{todo} Nothing was saved.", FAILED)
    return INTERRUPTED if result.outcome == "stopped" else 0


@app.command()
def info(project: ProjectName) -> int:
    """Show a project's layers, shapes and parameter counts."""
    from engine.cli.projects import open_project
    from engine.cli.reports import print_network

    print_network(open_project(project).project)
    return 0


@app.command("find-rate")
def find_rate(
    project: ProjectName,
    as_json: Annotated[bool, typer.Option("--json", help="End with one line of JSON.")] = False,
) -> int:
    """Try learning rates from tiny to huge on fresh weights, and suggest one."""
    from engine.cli.checking import print_rates
    from engine.cli.projects import open_project

    print_rates(open_project(project), as_json)
    return 0


@app.command()
def check(
    project: ProjectName,
    as_json: Annotated[bool, typer.Option("--json", help="End with one line of JSON.")] = False,
) -> int:
    """Compare the network's gradients with the slopes of its loss, layer by layer."""
    from engine.cli.checking import print_gradient_check
    from engine.cli.projects import open_project

    return 0 if print_gradient_check(open_project(project), as_json) else FAILED


@app.command()
def export(project: ProjectName, to: OnnxFile) -> int:
    """Write the trained network as ONNX, after comparing it with the engine."""
    from engine.cli.projects import open_project
    from engine.cli.reports import print_export
    from engine.cli.training import export_trained

    print_export(export_trained(open_project(project), to))
    return 0


@app.command()
def pack(
    project: ProjectName,
    to: Annotated[Path, typer.Option("--to", metavar="FILE.netsmith", help="The file to write.")],
) -> int:
    """Put a project and its trained weights into one file, to send or archive."""
    from engine.cli.projects import open_project
    from engine.cli.training import pack_project

    pack_project(open_project(project), to)
    typer.echo(f"Wrote {to}")
    return 0


@app.command()
def predict(
    project: ProjectName,
    inputs: Annotated[
        list[str],
        typer.Argument(
            metavar="INPUT…",
            help='Tables, pictures, folders, NPZ or IDX files; or numbers, as "5.1,3.5,1.4,0.2".',
        ),
    ],
    to: Annotated[
        Path | None,
        typer.Option("--to", metavar="FILE.csv", help="Write a table instead, with all digits."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one line of JSON.")] = False,
) -> int:
    """Say what the trained network predicts for some inputs."""
    from engine.cli.predicting import print_predictions
    from engine.cli.projects import open_project

    print_predictions(open_project(project), inputs, to, as_json)
    return 0


@app.command()
def evaluate(
    project: ProjectName,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A file or folder that holds the targets, too.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print one line of JSON.")] = False,
) -> int:
    """Score the trained network on a file: loss and metrics."""
    from engine.cli.predicting import print_scores
    from engine.cli.projects import open_project

    print_scores(open_project(project), file, as_json)
    return 0


@app.command()
def examples(
    copy: Annotated[
        str | None, typer.Option(metavar="NAME", help="Copy this example so that you can edit it.")
    ] = None,
    to: Annotated[Path, typer.Option(metavar="FOLDER", help="Where to copy it.")] = Path(),
    as_json: Annotated[bool, typer.Option("--json", help="List them in one line of JSON.")] = False,
) -> int:
    """List the example projects."""
    from engine.cli.projects import copy_example
    from engine.cli.reports import print_examples

    if copy is None:
        print_examples(as_json)
    else:
        typer.echo(copy_example(copy, to))
    return 0


@app.command()
def demo() -> int:
    """Show the digits example at work in the window.

    Where there is no display, it is trained and exported without one, as digits.onnx.
    """
    from engine.cli.projects import open_project
    from engine.cli.reports import print_result
    from engine.cli.training import train_project

    result = train_project(open_project("digits"), save=False, export=Path("digits.onnx"))
    print_result(result, as_json=False)
    return INTERRUPTED if result.outcome == "stopped" else 0


def main(words: Sequence[str] | None = None) -> int:
    """Run a command; its exit code.

    0 is good, 2 is bad input (two lines on stderr: what, and what to do), 1 a
    run that diverged, 130 a run that Ctrl+C or SIGTERM ended.
    """
    from engine.errors import EngineError

    arguments = list(sys.argv[1:] if words is None else words) or ["--help"]
    try:
        command: Any = typer.main.get_command(app)
        return int(command.main(arguments, prog_name="netsmith", standalone_mode=False) or 0)
    except EngineError as error:
        return _complain(error.what, error.fix)
    except (KeyboardInterrupt, typer.Abort):
        return _complain("Stopped.", "Nothing was changed.", INTERRUPTED)
    except BrokenPipeError:  # the reader, such as head, has seen enough
        return 0
    except Exception as error:
        # Typer hides the class of its usage errors in some versions, not their method.
        if not hasattr(error, "format_message"):
            raise
        context = getattr(error, "ctx", None)
        where = getattr(context, "command_path", "netsmith")
        return _complain(error.format_message(), f"{where} --help shows how it is used.")


def _complain(what: str, todo: str, code: int = BAD_INPUT) -> int:
    """Exactly two lines on stderr."""
    for sentence in (what, todo or "Correct it and try again."):
        print(" ".join(sentence.split()), file=sys.stderr)  # noqa: T201
    return code


def json_line(data: Any) -> str:
    """One line of strict JSON."""
    return json.dumps(data, ensure_ascii=False, allow_nan=False)
