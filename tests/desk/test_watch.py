"""The watch sees what it is there for, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.desk.hands import ROOT

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="reads how long threads wait from /proc"
)

PROGRAM = """
import time
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QWidget
from tests.desk.watch import SizeWatch, TurnWatch, watch_messages

def dawdle():
    {body}

watch_messages()
app, window = QApplication([]), QWidget()
window.show()
watches = TurnWatch([], app), SizeWatch(app)
QTimer.singleShot(100, dawdle)
QTimer.singleShot(1000, app.quit)
app.exec()
"""


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("time.sleep(0.4)", "in dawdle"),
        ("sum(range(30_000_000))", "of work"),
        ("window.resize(3000, 200)", "on a screen of"),
        ("QTimer(window).start(-5)", "Qt says"),
        ("time.sleep(0.02)", ""),
    ],
    ids=["blocked", "busy", "large", "warned", "quiet"],
)
def test_it_reports(body: str, told: str) -> None:
    found = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(body=body)],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    said = found.stderr.replace("This plugin does not support propagateSizeHints()", "")
    if told:
        assert told in said
    else:
        assert "A turn" not in said
