"""Bulletins brought in from elsewhere: files copied into the folder, pages fetched from hosts that are allowed."""
