"""Bulletin Desk: passages of news bulletins, retrieved and quoted word for word."""
