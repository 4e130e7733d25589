"""The staff's pages: usage charts, feedback that becomes evaluation cases, unanswered questions and kept answers."""
