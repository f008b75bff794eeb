"""A monkey at the desk: it presses, drags, types and drops at random while a network trains.

``python -m tests.desk.monkey --minutes 60 --seeds 1-12`` shares the time among the seeds.
Everything that it does is written down: ``--replay FILE`` does the same at the same times.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from time import monotonic, sleep
from typing import Any

from app.actions import COMMANDS
from engine.project import SUFFIX
from engine.project.examples import examples
from tests.desk import files
from tests.desk.display import HEIGHT, WIDTH, Display, reason_to_skip
from tests.desk.hands import LEFT, RIGHT
from tests.desk.program import Program, Spot, middle

GESTURES, LOOKS_EVERY_S = "gestures.jsonl", 5.0
SLOW = re.compile(r"(the program says:\n)?(A turn of the event loop took .*\n|\d+×\n|  .*\n)+")

FORBIDDEN = ("Quit", "Open folder", "Show in folder")
"""The end of the program, and the start of others."""

TEXTS = ("dense", "conv", "64", "3", "0", "-1", "1e9", "0.5", "relu", "softmax", "a b", "x" * 40)
MOVES = ("Tab", "shift+Tab", "Return", "space", "Up", "Down", "Left", "Right", "Escape", "Delete")
COMMAND_WORDS = ("dark", "light", "zoom", "group", "train", "note", "template", "guide", "rate")

X_NAMES = {"Del": "Delete", "Esc": "Escape", ".": "period", "=": "equal", "-": "minus"}
"""Keys that X calls otherwise than Qt."""


def shortcuts() -> list[str]:
    """Return the keys of all commands as xdotool has them, but for the one that quits."""
    found = []
    for command in COMMANDS:
        if command.keys and command.name != "quit":
            *modifiers, key = command.keys.replace("+-", "+minus").split("+")
            key = X_NAMES.get(key, key if len(key) > 1 else key.lower())
            found.append("+".join([*(each.lower() for each in modifiers), key]))
    return found


@dataclass
class Course:
    """How a run of the monkey went.

    Attributes:
        gestures: how many it made.
        findings: what the program has written, piece by piece; empty if nothing is wrong.
        memory: seconds since the start and MB in use.
    """

    seed: int
    folder: Path
    gestures: int = 0
    findings: list[str] = field(default_factory=list)
    memory: list[tuple[float, float]] = field(default_factory=list)

    def was_only_slow(self) -> bool:
        """Whether nothing was found but turns of the event loop that took too long."""
        texts = [f"{each.strip()}\n" for each in self.findings]
        return bool(texts) and all(SLOW.fullmatch(each) for each in texts)

    def summary(self) -> str:
        """Return it in one line."""
        first, last = self.memory[0][1], self.memory[-1][1]
        went = f"{len(self.findings)} findings" if self.findings else "fine"
        return (
            f"seed {self.seed}: {went}, {self.gestures} gestures, {self.memory[-1][0]:.0f} s, "
            f"{first:.0f} → {last:.0f} MB, in {self.folder}"
        )


class Monkey:
    """Makes one random gesture after the other."""

    def __init__(self, program: Program, random: Random, things: list[Path]) -> None:
        """Sit down.

        Args:
            things: files that it may drop and open.
        """
        self._program, self._hands, self._random = program, program.hands, random
        self._things, self._keys = things, shortcuts()
        self._habits: dict[Callable[[list[Spot]], None], int] = {
            self._press: 30,
            self._press_right: 6,
            self._drag: 12,
            self._drag_layer: 8,
            self._wheel: 4,
            self._type: 6,
            self._move: 10,
            self._shortcut: 14,
            self._undo_and_redo: 8,
            self._command: 4,
            self._drop: 3,
            self._switch_theme: 2,
        }

    def act(self) -> None:
        """Do something; which is up to the random numbers, and to what can be seen."""
        spots = [
            spot
            for spot in self._program.spots()
            if not any(word in spot["text"] for word in FORBIDDEN)
        ]
        if any(spot["kind"] == "QFileDialog" for spot in spots):
            self._answer_file_dialog()
        elif self._random.random() < 0.03:
            self._keep_training()
        else:
            (habit,) = self._random.choices(list(self._habits), list(self._habits.values()))
            habit(spots)

    def come_to_rest(self) -> None:
        """Close what is open, end the run, and show the canvas."""
        for _ in range(20):
            state = self._program.state
            if not state["modal"] and not state["popup"]:
                break
            self._hands.keys("Escape")
            sleep(0.3)
        self._hands.keys("F4", "Escape", "Escape", "shift+F5")

    # Habits

    def _any(self, spots: list[Spot]) -> tuple[int, int]:
        if not spots:
            return self._random.randrange(WIDTH), self._random.randrange(HEIGHT)
        x, y, width, height = self._random.choice(spots)["rect"]
        return x + self._random.randrange(max(width, 1)), y + self._random.randrange(max(height, 1))

    def _press(self, spots: list[Spot]) -> None:
        self._hands.click(*self._any(spots), LEFT, self._random.choice([1, 1, 1, 2]))

    def _press_right(self, spots: list[Spot]) -> None:
        self._hands.click(*self._any(spots), RIGHT)

    def _drag(self, spots: list[Spot]) -> None:
        kinds = ("node", "output", "input 0")
        some = [spot for spot in spots if spot["kind"] in kinds] or spots
        self._hands.drag(*self._any(some), *self._any(self._random.choice([some, spots])))

    def _drag_layer(self, spots: list[Spot]) -> None:
        rows = [spot for spot in spots if spot["kind"] == "row"]
        canvas = [spot for spot in spots if spot["kind"] == "CanvasView"]
        if rows and canvas:
            self._hands.drag(*self._any(rows), *self._any(canvas))

    def _wheel(self, spots: list[Spot]) -> None:
        self._hands.wheel(*self._any(spots), self._random.choice([-5, -2, -1, 1, 2, 5]))

    def _type(self, spots: list[Spot]) -> None:
        self._hands.keys("ctrl+a")
        self._hands.type(self._random.choice(TEXTS))
        if self._random.random() < 0.7:
            self._hands.keys("Return")

    def _move(self, spots: list[Spot]) -> None:
        self._hands.keys(*self._random.choices(MOVES, k=self._random.randint(1, 4)))

    def _shortcut(self, spots: list[Spot]) -> None:
        self._hands.keys(self._random.choice(self._keys))

    def _undo_and_redo(self, spots: list[Spot]) -> None:
        times = self._random.randint(1, 12)
        self._hands.keys(*["ctrl+z"] * times)
        self._hands.keys(*["ctrl+shift+z"] * self._random.randint(1, times))

    def _command(self, spots: list[Spot]) -> None:
        self._hands.keys("ctrl+shift+p")
        self._hands.type(self._random.choice(COMMAND_WORDS))
        self._hands.keys(*["Down"] * self._random.randint(0, 3), "Return")

    def _switch_theme(self, spots: list[Spot]) -> None:
        self._hands.keys("ctrl+shift+p")
        self._hands.type(self._random.choice(["dark", "light"]))
        self._hands.keys("Return")

    def _drop(self, spots: list[Spot]) -> None:
        chosen = self._random.sample(self._things, self._random.choice([1, 1, 1, 2]))
        self._hands.drop(*self._any(spots), *map(str, chosen))

    def _answer_file_dialog(self) -> None:
        """Give a name or none: nothing else, so that nothing outside its home is touched."""
        if self._random.random() < 0.5:
            self._hands.keys("Escape")
        else:
            self._hands.keys("ctrl+a")
            known = [path.name for path in self._things]
            self._hands.type(self._random.choice([*known, "saved", "saved", f"other{SUFFIX}"]))
            self._hands.keys("Return")

    def _keep_training(self) -> None:
        """See to it that a network trains, with an example where there is none."""
        state = self._program.state
        if state["run"] == "running":
            return
        self._hands.keys("Escape", "Escape", "Escape")
        if self._program.state["reason"]:
            self._hands.keys("ctrl+shift+p")
            self._hands.type("start page")
            self._hands.keys("Return")
            sleep(0.3)
            cards = [each for each in self._program.spots() if each["kind"] == "ExampleCard"]
            if cards:
                self._hands.click(*middle(self._random.choice(cards)))
                sleep(1.0)
        self._hands.keys("F5")


def run(display: Display, seed: int, seconds: float, folder: Path) -> Course:
    """Let the monkey loose on a program of its own, save, and open what was saved.

    Args:
        folder: the program's home; what was done and said is written down there.
    """
    course, began = Course(seed, folder), monotonic()
    with (folder / GESTURES).open("w", encoding="utf-8") as written:

        def note(gesture: str, arguments: list[object]) -> None:
            course.gestures += 1
            written.write(json.dumps([round(monotonic() - began, 3), gesture, arguments]) + "\n")
            written.flush()

        program = Program(display, folder, note=note)
        try:
            monkey = Monkey(program, Random(seed), things(folder))
            for _ in until(began + seconds, program, course, began):
                monkey.act()
            monkey.come_to_rest()
            course.findings += program.news()
            save_and_open_again(display, program)
        except AssertionError as error:
            course.findings.append(str(error))
        finally:
            program.kill()
    return course


def until(end: float, program: Program, course: Course, began: float) -> Iterator[None]:
    """Yield until a time; write down meanwhile what the program says and how much it holds."""
    due = monotonic()
    while monotonic() < end:
        if monotonic() >= due:
            course.memory.append((monotonic() - began, program.memory()))
            due += LOOKS_EVERY_S
        yield
        course.findings += program.news()


def things(folder: Path) -> list[Path]:
    """Write files of every kind, whole and broken ones, into a folder."""
    folder = folder / "things"
    folder.mkdir(exist_ok=True)
    projects = [files.project(folder, example.name) for example in examples()]
    whole = [files.table(folder), files.pictures(folder), files.arrays(folder)]
    return [*projects, *whole, *whole, *files.broken(folder)]


def save_and_open_again(display: Display, program: Program) -> None:
    """Save what the monkey has made, end the program as usual, and open it in a new one."""
    saved = program.home / f"monkey{SUFFIX}"
    program.hands.keys("ctrl+shift+s")
    program.wait_for(lambda: program.state["modal"], "the dialog that asks where to save")
    program.hands.keys("ctrl+a")
    program.hands.type(str(saved))
    program.hands.keys("Return")
    program.wait_state(path=str(saved), modified=False)
    nodes = program.state["nodes"]
    program.close()
    again = Program(display, program.home, str(saved))
    try:
        again.wait_state(path=str(saved), nodes=nodes)
        again.close()
    finally:
        again.kill()


def replay(display: Display, path: Path, folder: Path) -> Course:
    """Make the gestures of a file again, each at its time."""
    lines: list[list[Any]] = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    folder.mkdir(exist_ok=True)
    course, began = Course(0, folder), monotonic()
    things(folder)
    program = Program(display, folder)
    try:
        waiting = iter(lines)
        for _ in until(began + lines[-1][0] + 5, program, course, began):
            time, gesture, arguments = next(waiting, (lines[-1][0] + 5, "move", [0, 0]))
            sleep(max(0.0, began + time - monotonic()))
            if gesture == "drop":
                home = path.parent
                arguments = [str(each).replace(str(home), str(folder)) for each in arguments]
                arguments[:2] = map(int, arguments[:2])
            getattr(program.hands, gesture)(*arguments)
            course.gestures += 1
    except AssertionError as error:
        course.findings.append(str(error))
    finally:
        program.kill()
    return course


def main() -> int:
    """Run the seeds one after the other; 1 if something was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.desk.monkey", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5.0, help="in all (default: 5)")
    parser.add_argument("--seeds", default="1", help="such as 7 or 1-12 (default: 1)")
    parser.add_argument("--folder", type=Path, help="where to write all down")
    parser.add_argument("--replay", type=Path, metavar="FILE", help="the gestures of a run")
    words = parser.parse_args()
    if reason := reason_to_skip():
        say(f"Skipped: {reason}.")
        return 0
    folder = words.folder or Path(tempfile.mkdtemp(prefix="monkey-"))
    first, _, last = words.seeds.partition("-")
    seeds = range(int(first), int(last or first) + 1)
    found = False
    for seed in seeds if words.replay is None else [0]:
        home = folder / f"seed-{seed}"
        home.mkdir(parents=True, exist_ok=True)
        with Display(home) as display:
            if words.replay is None:
                course = run(display, seed, words.minutes * 60 / len(seeds), home)
            else:
                course = replay(display, words.replay, home)
            tell(course)
            if words.replay is None and course.was_only_slow():
                say("The same gestures once more: a turn that is long by chance is not long again.")
                course = replay(display, home / GESTURES, home / "again")
                tell(course)
        found |= bool(course.findings)
    return int(found)


def tell(course: Course) -> None:
    """Write how it went to stdout, and the memory beside the gestures."""
    say(course.summary())
    for text in dict.fromkeys(course.findings):
        say(text)
    rows = "\n".join(f"{seconds:.0f},{size:.1f}" for seconds, size in course.memory)
    (course.folder / "memory.csv").write_text(f"seconds,MB\n{rows}\n", encoding="utf-8")


def say(text: str) -> None:
    """Write a line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
