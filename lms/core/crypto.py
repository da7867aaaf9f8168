"""Field encryption: AES-256-GCM with a key version, and a keyed blind index for look-up by equality.

Keys live outside the database: in the environment (`LMS_SECRET_KEY`, `LMS_FIELD_KEY`, `LMS_INDEX_KEY`, base64url of
32 bytes each) or, for the embedded installation, in `<data_dir>/keys.toml`, made once and readable by its owner only.
"""

import base64
import hashlib
import hmac
import os
import secrets
import tomllib
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import Flask, current_app
from sqlalchemy import Dialect, LargeBinary
from sqlalchemy.types import TypeDecorator

NONCE_BYTES = 12
KEY_VERSION = 1


@dataclass(frozen=True, slots=True)
class Keys:
    """The three secrets of an installation, 32 bytes each; losing `field` loses every encrypted value."""

    secret: bytes
    field: bytes
    index: bytes

    def derive(self, purpose: str) -> bytes:
        """Return a 32-byte key for one purpose, so that no key serves two."""
        return hmac.new(self.secret, purpose.encode(), hashlib.sha256).digest()


def load_keys(data_dir: Path) -> Keys:
    """Read the keys from the environment or the key file; make the file on the first start."""
    names = ("LMS_SECRET_KEY", "LMS_FIELD_KEY", "LMS_INDEX_KEY")
    given = [os.environ.get(name, "") for name in names]
    if all(given):
        return Keys(*(_decode(value) for value in given))
    if any(given):
        message = f"set all of {', '.join(names)} or none of them"
        raise RuntimeError(message)
    path = data_dir / "keys.toml"
    if not path.exists():
        _create_key_file(path)
    values = tomllib.loads(path.read_text("utf-8"))
    return Keys(*(_decode(values[name]) for name in ("secret", "field", "index")))


def _create_key_file(path: Path) -> None:
    """Write fresh keys whole or not at all, and never over an existing file (two processes may start at once)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = ["# AnXin LMS keys. Keep a copy apart from the database; without it encrypted fields are lost.\n"]
    lines += [f'{name} = "{_encode(secrets.token_bytes(32))}"\n' for name in ("secret", "field", "index")]
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text("".join(lines), "utf-8")
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _encode(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode()


def _decode(value: str) -> bytes:
    raw = base64.urlsafe_b64decode(value)
    if len(raw) != 32:
        message = "a key must be 32 bytes, base64url encoded"
        raise RuntimeError(message)
    return raw


def init_app(app: Flask, keys: Keys) -> None:
    """Give the application its keys."""
    app.extensions["lms_keys"] = keys
    app.secret_key = keys.derive("session")


def current_keys() -> Keys:
    """Return the keys of the running application."""
    keys: Keys = current_app.extensions["lms_keys"]
    return keys


def encrypt(value: str, *, purpose: str) -> bytes:
    """Return version byte, nonce and ciphertext; the purpose is authenticated: no value can move to another field."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    sealed = AESGCM(current_keys().field).encrypt(nonce, value.encode(), purpose.encode())
    return bytes([KEY_VERSION]) + nonce + sealed


def decrypt(value: bytes, *, purpose: str) -> str:
    """Return the plain text of `encrypt`; a changed value raises."""
    if value[0] != KEY_VERSION:
        message = f"unknown key version {value[0]}"
        raise ValueError(message)
    nonce, sealed = value[1 : 1 + NONCE_BYTES], value[1 + NONCE_BYTES :]
    return AESGCM(current_keys().field).decrypt(nonce, sealed, purpose.encode()).decode()


def blind_index(value: str, *, purpose: str) -> bytes:
    """Return a keyed fingerprint by which an encrypted value can be found but not read."""
    return hmac.new(current_keys().index, f"{purpose}:{value}".encode(), hashlib.sha256).digest()


class EncryptedText(TypeDecorator[str]):
    """Text that is encrypted in the database; `purpose` names table and field and never changes."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, purpose: str) -> None:
        super().__init__()
        self.purpose = purpose

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:  # noqa: ARG002
        """Encrypt on the way in."""
        return None if value is None else encrypt(value, purpose=self.purpose)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Decrypt on the way out."""
        return None if value is None else decrypt(bytes(value), purpose=self.purpose)
