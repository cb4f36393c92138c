"""A training as one page: what was learned, how well, what went wrong, and why."""

from nn.report.page import Training, check_can_report, write_report

__all__ = ["Training", "check_can_report", "write_report"]
