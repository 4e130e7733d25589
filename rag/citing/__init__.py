"""A quote as other tools read it: citation lines, bibliographic files, annotations, links and receipts."""
