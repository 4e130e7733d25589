"""Settings, read once: option > environment (RAG_...) > default."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from rag.errors import SettingInvalid

ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """Everything that can be set.  Nothing else in the project reads the environment.

    ``model`` is "" for the packaged all-MiniLM-L6-v2, else a local folder or a hub name; ``device`` is where it runs.
    """

    model_config = SettingsConfigDict(env_prefix="RAG_", env_ignore_empty=True, frozen=True, extra="ignore")

    seeds: Path = ROOT / "seeds"
    library: Path = ROOT / "library"
    model: str = ""
    device: str = "cpu"
    host: str = "127.0.0.1"
    port: int = Field(default=7860, ge=0, le=65535)


def load(**options: object) -> Settings:
    """The settings, with the options that are not None taking precedence.

    Raises:
        SettingInvalid: a value is unusable; the line names its key.
    """
    try:
        return Settings(**{key: value for key, value in options.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        key = "RAG_" + "_".join(str(part) for part in first["loc"]).upper()
        raise SettingInvalid(
            f"{first['msg']} (got {first['input']!r})", where=key, remedy="Correct or unset it"
        ) from None
