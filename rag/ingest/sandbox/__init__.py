"""Foreign files are read here: in a process of its own, which can do nothing else, with little memory and time."""
