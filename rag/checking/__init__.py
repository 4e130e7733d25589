"""Is a quotation really in the bulletins?  Its verdict, the true passage, and what differs."""
