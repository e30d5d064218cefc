"""One self-contained HTML page a run."""

from pellucid.report.page import write_report

__all__ = ["write_report"]
