"""What the environment decides."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self


@dataclass(frozen=True)
class Settings:
    """Where the worker keeps its data, and where its database is."""

    data_dir: Path
    database_url: str

    @classmethod
    def from_environment(cls) -> Self:
        """Read `DATA_DIR` and `DATABASE_URL`; an empty one counts as not set."""
        data_dir = Path(os.environ.get("DATA_DIR") or ".")
        database_url = os.environ.get("DATABASE_URL") or f"sqlite:///{data_dir}/content-worker.db"
        return cls(data_dir, database_url)

    @property
    def queue(self) -> Path:
        """The folder of the queue."""
        return self.data_dir / "queue"
