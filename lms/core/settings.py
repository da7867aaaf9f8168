"""Settings from the environment; everything has a default that works on a laptop with no network."""

import os
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How this process is configured.

    data_dir: folder of the embedded database and the keys (`LMS_DATA_DIR`, default `var/`).
    database_url: SQLAlchemy URL (`DATABASE_URL`); empty means SQLite inside the data folder.
    base_url: address that QR codes point to (`LMS_BASE_URL`); empty means the address of the request.
    secure_cookies: send cookies over HTTPS only (`LMS_SECURE_COOKIES=1`), for every real installation.
    plugins: load third-party plugins from entry points (`LMS_PLUGINS=0` turns them off).
    """

    data_dir: Path = Path("var")
    database_url: str = ""
    base_url: str = ""
    secure_cookies: bool = False
    trusted_proxies: int = 0
    font_path: str = ""
    plugins: bool = True
    testing: bool = False
    extra: dict[str, object] = field(default_factory=dict)

    @classmethod
    def from_environment(cls) -> "Settings":
        """Read the environment once, at start-up."""
        return cls(
            data_dir=Path(os.environ.get("LMS_DATA_DIR", "var")),
            database_url=os.environ.get("DATABASE_URL", ""),
            base_url=os.environ.get("LMS_BASE_URL", "").rstrip("/"),
            secure_cookies=os.environ.get("LMS_SECURE_COOKIES", "") == "1",
            trusted_proxies=int(os.environ.get("LMS_TRUSTED_PROXIES", "0")),
            font_path=os.environ.get("LMS_FONT_PATH", ""),
            plugins=os.environ.get("LMS_PLUGINS", "1") != "0",
        )

    @property
    def resolved_database_url(self) -> str:
        """The database URL with the driver named: PostgreSQL always means psycopg 3."""
        if not self.database_url:
            return f"sqlite:///{(self.data_dir / 'lms.db').resolve()}"
        for prefix in ("postgres://", "postgresql://"):
            if self.database_url.startswith(prefix):
                return "postgresql+psycopg://" + self.database_url.removeprefix(prefix)
        return self.database_url
