"""Encrypted fields and their blind index."""

import stat
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from flask import Flask

from lms.core import crypto


def test_the_same_value_never_looks_the_same_and_comes_back(context: Flask) -> None:
    first = crypto.encrypt("42010619900101123X", purpose="a")
    second = crypto.encrypt("42010619900101123X", purpose="a")
    assert first != second
    assert b"4201" not in first
    assert crypto.decrypt(first, purpose="a") == "42010619900101123X"


def test_a_value_cannot_be_moved_to_another_field(context: Flask) -> None:
    with pytest.raises(InvalidTag):
        crypto.decrypt(crypto.encrypt("x", purpose="a"), purpose="b")


def test_a_changed_value_is_noticed(context: Flask) -> None:
    sealed = bytearray(crypto.encrypt("x", purpose="a"))
    sealed[-1] ^= 1
    with pytest.raises(InvalidTag):
        crypto.decrypt(bytes(sealed), purpose="a")


def test_the_blind_index_finds_equal_values_of_one_purpose(context: Flask) -> None:
    assert crypto.blind_index("x", purpose="a") == crypto.blind_index("x", purpose="a")
    assert crypto.blind_index("x", purpose="a") != crypto.blind_index("x", purpose="b")


def test_keys_are_made_once_and_only_their_owner_reads_them(tmp_path: Path) -> None:
    first = crypto.load_keys(tmp_path)
    assert crypto.load_keys(tmp_path) == first
    assert stat.S_IMODE((tmp_path / "keys.toml").stat().st_mode) == 0o600
    assert len({first.secret, first.field, first.index}) == 3


def test_half_configured_keys_stop_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LMS_FIELD_KEY", "x")
    with pytest.raises(RuntimeError, match="all of"):
        crypto.load_keys(tmp_path)
