"""What can befall a library on its disk, tried for real: short forms in ``make test``, long ones by ``make soak``."""
