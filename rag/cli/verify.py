"""``python -m rag verify``: re-reads the library and names any damage; or proves the quotes of a receipt."""

from __future__ import annotations

from pathlib import Path

from rag.answer.citation import proof
from rag.answer.citation.proof import Proof, QuoteProof
from rag.cli import json_output
from rag.cli.command import CommandOutput, Context, Outputs
from rag.cli.parser import Parser
from rag.errors import one_line
from rag.ingest.sandbox import confinement
from rag.library import receipts
from rag.library.verify import VerificationResult, verify


def add_arguments(parser: Parser) -> None:
    """Declares the receipt."""
    parser.add_argument("--receipt", type=Path, metavar="FILE", help="prove a receipt's quotes instead")


def run(context: Context) -> Outputs:
    """Verifies the library in use, or the receipt; exit status 1 where something is damaged or not proved."""
    args = context.args
    if args.receipt:
        result = proof.prove(receipts.read(args.receipt), context.library, context.settings.seeds)
        yield context.output(json_output.proved(result), _proof_text(result))
        yield CommandOutput(notes=() if args.json else result.notes, status=0 if result.ok else 1)
        return
    verification = verify(context.library)
    yield context.output(json_output.verified(verification), _text(verification))
    damage = tuple(f"{damage.where}: {damage.what}" for damage in verification.damage)
    notes = list(damage)
    if count := verification.readable_by_others:
        files = "1 file" if count == 1 else f"{count:,} files"
        notes.append(f"every user of this machine can read {files} here. Run: chmod -R go= {context.library}")
    if unconfined := confinement.lacking():
        notes.append(unconfined)
    yield CommandOutput(notes=tuple(notes), status=1 if damage else 0)


def _text(verification: VerificationResult) -> str:
    state = f"{len(verification.damage)} damaged" if verification.damage else "all as written"
    return (
        f"generation {verification.generation or 'unknown'}: {verification.bulletins} bulletins,"
        f" {verification.passages} passages re-sliced, {state}"
    )


def _proof_text(proof: Proof) -> str:
    """A line for each quote of a receipt, then how many are proved, and whether question and message are."""
    receipt = proof.receipt
    lines = [_quote_text(rank, quote) for rank, quote in enumerate(proof.quotes, 1)]
    number = sum(quote.proved for quote in proof.quotes)
    lines.append(f"{number} of {len(lines)} quotes proved" if lines else "The receipt holds no quote")
    if receipt.kind == "answer":
        kept = "question and message are as this desk keeps them"
        lines.append(kept if proof.kept else "question and message are NOT PROVED: this desk keeps no such answer")
    return "\n".join([*lines, f"receipt {receipt.identity[:12]} of {receipt.created}, generation {receipt.generation}"])


def _quote_text(rank: int, row: QuoteProof) -> str:
    quote = row.quote
    statuses = {"current": "unchanged", "changed": "changed since", "withdrawn": "no longer there"}
    today = f"; the bulletin is {statuses[row.status]}" if row.status else ""
    name = f", now called {row.current_name}" if row.current_name and row.current_name != quote.bulletin else ""
    return one_line(
        f"{rank}. {'PROVED' if row.proved else 'NOT PROVED'}: “{quote.text}”"
        f" ({quote.bulletin} [{quote.start}:{quote.end}]): {row.reason}{today}{name}"
    )
