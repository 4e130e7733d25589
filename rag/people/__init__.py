"""Who may do what to the desk, and what they did: accounts, sessions, the off switch and the audit log."""
