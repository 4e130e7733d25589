"""A quote in the forms that other tools read, and receipts that prove it later."""
