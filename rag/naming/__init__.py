"""What words name: places, persons, titles of office, numbers; and whether a passage bears it out."""
