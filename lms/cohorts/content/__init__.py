"""Files that clerks bring and take: rosters as xlsx and CSV."""

from lms.cohorts.content.rosters import Roster, read_roster
from lms.cohorts.content.workbooks import Sheet, write_workbook

__all__ = ["Roster", "Sheet", "read_roster", "write_workbook"]
