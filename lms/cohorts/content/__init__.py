"""Files that clerks bring and take: rosters as xlsx and CSV."""

from lms.cohorts.content.workbooks import Sheet, write_workbook

__all__ = ["Sheet", "write_workbook"]
