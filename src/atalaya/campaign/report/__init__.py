"""The report of a workspace: a view model goes in, one self-contained HTML file comes out.

`Report` holds facts only; `report_html` writes them in English or Spanish, with drawn maps and charts, no
network, and complete without a script. The same report gives the same bytes.
"""

from atalaya.campaign.report.page import report_html
from atalaya.campaign.report.report import (
    Area,
    Header,
    LedgerBrief,
    LookFootprint,
    ReliabilityBin,
    Report,
    Score,
    SearchRasters,
    SensorLooks,
    StateTime,
    Track,
    TruthRow,
)

__all__ = [
    "Area",
    "Header",
    "LedgerBrief",
    "LookFootprint",
    "ReliabilityBin",
    "Report",
    "Score",
    "SearchRasters",
    "SensorLooks",
    "StateTime",
    "Track",
    "TruthRow",
    "report_html",
]
