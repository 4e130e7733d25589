"""Corrections by staff of what was misread: a bulletin's title, its date, the districts of its sections."""
