"""The door of completion."""

from lms.completion.services.issuing import Prepared, issue, prepare, revoke
from lms.completion.services.overview import LearnerLine, Overview, overview
from lms.completion.services.public import PublicRecord, find_public_record, read_pdf
from lms.completion.services.records import (
    RecordView,
    find_record,
    list_records,
    records_of,
    valid_numbers,
    verify_records,
)
from lms.completion.services.review import CandidateView, candidates, count_candidates, propose, review
from lms.completion.services.standing import Standing, standing, standings
from lms.completion.typesetting import typeset

__all__ = [
    "CandidateView",
    "LearnerLine",
    "Overview",
    "Prepared",
    "PublicRecord",
    "RecordView",
    "Standing",
    "candidates",
    "count_candidates",
    "find_public_record",
    "find_record",
    "issue",
    "list_records",
    "overview",
    "prepare",
    "propose",
    "read_pdf",
    "records_of",
    "review",
    "revoke",
    "standing",
    "standings",
    "typeset",
    "valid_numbers",
    "verify_records",
]
