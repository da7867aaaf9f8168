"""The door of completion."""

from lms.completion.services.public import PublicRecord, find_public_record, read_pdf
from lms.completion.services.records import (
    Prepared,
    RecordView,
    find_record,
    issue,
    list_records,
    prepare,
    records_of,
    revoke,
    verify_records,
)
from lms.completion.services.review import CandidateView, candidates, propose, review
from lms.completion.services.standing import Standing, standing, standings
from lms.completion.typesetting import typeset

__all__ = [
    "CandidateView",
    "Prepared",
    "PublicRecord",
    "RecordView",
    "Standing",
    "candidates",
    "find_public_record",
    "find_record",
    "issue",
    "list_records",
    "prepare",
    "propose",
    "read_pdf",
    "records_of",
    "review",
    "revoke",
    "standing",
    "standings",
    "typeset",
    "verify_records",
]
