"""What an output means is shown alike: by the sample's card, the surface and the canvas."""

from __future__ import annotations

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app import theme
from app.plots.activations import ActivationsView
from app.plots.surface import SIDE
from engine.losses import Loss
from engine.training.glances import glances_of
from engine.training.meaning import Learned
from tests.engine.every_output import Case, cases_of, every_loss, loss_name


@pytest.mark.parametrize("loss", every_loss(), ids=loss_name)
def test_card_surface_and_canvas_agree(qtbot: QtBot, loss: Loss) -> None:
    view = ActivationsView()
    qtbot.addWidget(view)
    with qtbot.waitExposed(view):
        view.show()
    for case in cases_of(loss, inputs=2):
        network, dataset = case.network, case.dataset
        learned = Learned(network.graph, dataset.targets, loss)
        view.set_network(None)
        view.set_dataset(dataset)
        view.set_network(network, learned)
        check_card(view, case)
        check_surface(view, case)
        raw = network.outputs_of(dataset.train.x[:1], network.graph.outputs)
        (seen,) = glances_of(raw, learned.meanings).values()
        np.testing.assert_allclose(
            seen, case.expected(dataset.train.x[:1])[0], rtol=2e-4, atol=1e-6
        )


def check_card(view: ActivationsView, case: Case) -> None:
    (card,) = view.card.outputs
    sample = view.card.sample
    assert sample is not None
    (values,) = case.expected(sample)
    if case.task == "regression":
        shown = float(card.answer.text().removeprefix("Predicted "))
        np.testing.assert_allclose(shown, values[0], rtol=2e-3)
        return
    chosen = int(values[0] > case.threshold) if case.units == 1 else int(values.argmax())
    names = card.scores.names
    assert names[0] == case.classes[chosen]
    if case.is_probability:
        share = max(values[0], 1 - values[0]) if case.units == 1 else values.max()
        number, sign = card.scores.texts[0].split()
        assert sign == "%"
        assert float(number) == pytest.approx(100 * share, abs=0.11)
    else:
        assert float(card.scores.texts[0]) == pytest.approx(float(values.max()), rel=0.01, abs=1e-6)
    right = int(view._dataset.train.y[0]) if view._dataset else 0
    marked = [name for name, is_right in zip(names, card.scores.rights, strict=True) if is_right]
    assert set(marked) <= {case.classes[right]}


def check_surface(view: ActivationsView, case: Case) -> None:
    """The color of each point is that of the class it is taken for."""
    ground, image = view._ground, view.surface._image
    assert ground is not None
    values = case.expected(ground.grid())
    if case.task == "regression":
        answer = view.surface._answer
        assert answer is not None
        np.testing.assert_allclose(answer.values, values, rtol=2e-3, atol=1e-5)
        return
    assert image is not None
    if case.units == 1:
        chosen = (values[:, 0] > case.threshold).astype(int)
        sure = np.abs(values[:, 0] - case.threshold) > 0.1
    else:
        chosen = values.argmax(axis=1)
        ranked = np.sort(values, axis=1)
        sure = ranked[:, -1] - ranked[:, -2] > 0.1
    tones = [theme.colors().of_class(i) for i in range(len(case.classes))]
    colors = np.array([(each.red(), each.green(), each.blue()) for each in tones], float)
    for i in np.flatnonzero(sure)[::211].tolist():
        pixel = image.pixelColor(i % SIDE, i // SIDE)
        seen = np.array([pixel.red(), pixel.green(), pixel.blue()], float)
        # What is mixed in is a share of each class; the chosen class has the largest.
        paper = theme.color("field")
        mixed = (seen - 0.45 * np.array([paper.red(), paper.green(), paper.blue()])) / 0.55
        shares = np.linalg.lstsq(colors.T, mixed, rcond=None)[0]
        assert shares.argmax() == chosen[i], (case, values[i])
