"""Taking a network out of the program: ONNX, and the proof that it is the same network."""

from engine.exporting.builder import OPSET
from engine.exporting.onnx_export import ExportReport, check_target, export_onnx
from engine.exporting.verification import LIMIT, Verification, samples_to_compare, verify

__all__ = [
    "LIMIT",
    "OPSET",
    "ExportReport",
    "Verification",
    "check_target",
    "export_onnx",
    "samples_to_compare",
    "verify",
]
