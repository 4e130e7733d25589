"""The staff's pages: usage, feedback that becomes evaluation cases, unanswered questions and kept answers."""
