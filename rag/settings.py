"""Settings, read once: option > environment (RAG_...) > default."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from rag.errors import SettingInvalid

ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """Everything that can be set.  Nothing else in the project reads the environment.

    Bulletins lie in ``seeds``, where new ones are put, and in ``more_seeds``; RAG_MORE_SEEDS has the system's path
    separator between its folders.  ``hosts`` are those that bulletins may be fetched from, with commas between.
    ``model`` is "" for the packaged all-MiniLM-L6-v2, else a local folder or a hub name; ``device`` is where it runs.

    ``names`` are the host names that the desk is served under, beside those of this machine; ``origins`` the web pages
    of others that may call it; ``proxies`` the addresses or networks of front servers whose word on where a request
    comes from is believed.  ``questions_a_minute`` and ``requests_a_minute`` are what one address may send;
    ``metrics_token`` is what a metrics collector shows, "" for none.  What is noted of questions and answers is deleted
    after ``kept_days``; ``cases`` is the folder where feedback becomes an evaluation set.
    """

    model_config = SettingsConfigDict(env_prefix="RAG_", env_ignore_empty=True, frozen=True, extra="ignore")

    seeds: Path = ROOT / "seeds"
    more_seeds: Annotated[tuple[Path, ...], NoDecode] = ()
    library: Path = ROOT / "library"
    hosts: Annotated[tuple[str, ...], NoDecode] = ()
    model: str = ""
    device: str = "cpu"
    host: str = "127.0.0.1"
    port: int = Field(default=7860, ge=0, le=65535)
    names: Annotated[tuple[str, ...], NoDecode] = ()
    origins: Annotated[tuple[str, ...], NoDecode] = ()
    proxies: Annotated[tuple[str, ...], NoDecode] = ()
    questions_a_minute: int = Field(default=30, ge=1, le=100_000)
    requests_a_minute: int = Field(default=600, ge=1, le=1_000_000)
    metrics_token: SecretStr = SecretStr("")
    kept_days: int = Field(default=90, ge=1, le=3650)
    cases: Path = ROOT / "evals" / "feedback"

    @property
    def folders(self) -> tuple[Path, ...]:
        """All folders of bulletins; of two files with one name the first folder's counts."""
        return (self.seeds, *self.more_seeds)

    @field_validator("more_seeds", mode="before")
    @classmethod
    def _paths(cls, value: object) -> object:
        return tuple(filter(None, value.split(os.pathsep))) if isinstance(value, str) else value

    @field_validator("hosts", "names", "origins", "proxies", mode="before")
    @classmethod
    def _names(cls, value: object) -> object:
        return tuple(filter(None, map(str.strip, value.split(",")))) if isinstance(value, str) else value


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
