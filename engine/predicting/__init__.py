"""Predictions about files: read them as the training data was, ask the network, write a table."""

from engine.predicting.batch import Batch
from engine.predicting.fit import Fit, fit_of
from engine.predicting.predictions import Predictions, predict
from engine.predicting.reading import read_batch
from engine.predicting.scoring import Scores, score

__all__ = ["Batch", "Fit", "Predictions", "Scores", "fit_of", "predict", "read_batch", "score"]
