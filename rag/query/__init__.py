"""A question becomes a ``Query``: districts, period, intent, conditions and what it names."""
