"""What may be tried against the desk from outside, tried for real: short forms in ``make test``, long ones by
``make attacks``."""
