"""What the commands print on stdout."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite

from rich.console import Console
from rich.table import Table

from engine.arrays import shape_text
from engine.cli.commands import json_line
from engine.cli.training import Result
from engine.diagnosis import diagnose
from engine.exporting import ExportReport
from engine.project import Project
from engine.project.examples import examples


def print_result(result: Result, as_json: bool) -> None:
    """How a run went: a table, or one line of JSON."""
    if as_json:
        print(json_line(_as_plain_data(result)))  # noqa: T201
        return
    console = Console(highlight=False)
    if result.adopted is not None:
        console.print(result.adopted.in_words, markup=False, soft_wrap=True)
    table = Table("", *result.train)
    for name in ("train", "validation", "test"):
        scores: Mapping[str, float] = getattr(result, name)
        if scores:
            table.add_row(name, *(f"{scores[each]:.4f}" for each in result.train))
    if table.row_count:
        console.print(table)
    count = f"{result.epochs} epoch{'s'[: result.epochs != 1]}"
    console.print(
        f"{result.outcome.capitalize()} after {count} in {result.seconds:.1f} s "
        f"({result.samples_per_second:,.0f} samples per second)."
    )
    for note in result.notes:
        console.print(f"Trained anyway: {note}", soft_wrap=True, markup=False)
    if result.export is not None:
        print_export(result.export)
    for path in result.files:
        if result.export is None or path != result.export.path:
            console.print(f"Wrote {path}", soft_wrap=True)


def print_export(report: ExportReport) -> None:
    """What was exported, and how near it is to the engine."""
    proof = report.verification
    console = Console(highlight=False)
    console.print(
        f"Wrote {report.path} ({report.bytes / 1024:,.0f} KiB, opset {report.opset})",
        soft_wrap=True,
    )
    console.print(f"  in:  {', '.join(report.inputs)}", soft_wrap=True, markup=False)
    console.print(f"  out: {', '.join(report.outputs)}", soft_wrap=True, markup=False)
    console.print(
        f"Verified in ONNX Runtime on {proof.samples} samples: "
        f"largest difference {proof.largest_difference:.1e}, at most {proof.limit:g} allowed.",
        soft_wrap=True,
    )


def print_network(project: Project) -> None:
    """A table of layers, and what is wrong with the network if anything is."""
    graph, found = project.graph, diagnose(project.graph)
    console = Console(highlight=False)
    table = Table(title=project.title or None)
    table.add_column("Layer", overflow="fold")
    table.add_column("Type", no_wrap=True)
    table.add_column("Output shape", no_wrap=True)
    table.add_column("Parameters", justify="right", no_wrap=True)
    table.add_column("Inputs", overflow="fold")
    for id in graph.order:
        shape = found.shapes.get(id)
        table.add_row(
            graph.nodes[id].name,
            graph.nodes[id].layer.kind,
            "?" if shape is None else shape_text(shape),
            f"{found.parameters(id):,}",
            ", ".join(graph.nodes[edge.source].name for edge in graph.into[id]),
        )
    console.print(table)
    total, trainable = found.total_parameters, found.total_trainable
    console.print(f"Total parameters: {total:,}")
    console.print(f"Trainable: {trainable:,}    Not trainable: {total - trainable:,}")
    for problem in found.problems:
        console.print(f"Problem: {problem.what} {problem.todo}", markup=False)


def print_examples(as_json: bool) -> None:
    """The example projects by name: a table, or one line of JSON."""
    if as_json:
        rows = [
            {"name": each.name, "title": each.title, "description": each.description}
            for each in examples()
        ]
        print(json_line({"examples": rows}))  # noqa: T201
        return
    table = Table("Name", "Title", "What it shows")
    for each in examples():
        table.add_row(each.name, each.title, each.description)
    Console(highlight=False).print(table)


def _as_plain_data(result: Result) -> dict[str, object]:
    proof = result.export.verification if result.export else None
    adopted = result.adopted
    return {
        "outcome": result.outcome,
        "epochs": result.epochs,
        "parameters": result.parameters,
        "train": _finite(result.train),
        "validation": _finite(result.validation),
        "test": _finite(result.test),
        "seconds": round(result.seconds, 4),
        "samples_per_second": round(result.samples_per_second, 1),
        "loops": list(result.loops),
        **({} if adopted is None else {"kept": list(adopted.kept), "drawn": list(adopted.drawn)}),
        "largest_difference": proof.largest_difference if proof else None,
        "files": [str(path) for path in result.files],
        "notes": list(result.notes),
    }


def _finite(scores: Mapping[str, float]) -> dict[str, float | None]:
    return {name: value if isfinite(value) else None for name, value in scores.items()}
