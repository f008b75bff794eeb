"""The list of problems."""

from app.problems.problems_panel import ProblemsPanel

__all__ = ["ProblemsPanel"]
