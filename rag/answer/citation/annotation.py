"""A citation as a W3C Web Annotation, for other programs (https://www.w3.org/TR/annotation-model/)."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from rag.answer.citation.source import prefix_and_suffix
from rag.models import Citation, StoredText

CONTEXT = "http://www.w3.org/ns/anno.jsonld"


def annotation(cited: Citation, text: StoredText) -> dict[str, Any]:
    """The annotation of this slice of the stored ``text``, as JSON-LD.

    Its positions count code points of the stored text, ``end`` exclusive, as the model says (§4.2.5).  The text's
    digest names the state that the selectors apply to (§4.3.1, ``cached``), so that a page that has changed since is
    not taken for it.  The id is a digest of the contents: the same slice has the same one everywhere.

    Raises:
        QuoteMismatch: it is no slice of that text.
    """
    cited.verify(text)
    prefix, suffix = prefix_and_suffix(text, cited)
    stored = f"urn:sha256:{cited.sha256}"
    content = {
        "@context": CONTEXT,
        "type": "Annotation",
        "motivation": "highlighting",
        "target": {
            "type": "SpecificResource",
            "source": cited.url or stored,
            "state": {"type": "TimeState", "cached": stored},
            "selector": [
                {"type": "TextQuoteSelector", "exact": cited.text, "prefix": prefix, "suffix": suffix},
                {"type": "TextPositionSelector", "start": cited.start, "end": cited.end},
            ],
        },
    }
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    return {"@context": CONTEXT, "id": f"urn:sha256:{digest}", **content}
