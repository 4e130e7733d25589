"""Nouns that say what kind of thing a name is of: "Museum", "Park", "Forum"."""

from __future__ import annotations

ORGANISATIONS = frozenset(
    """
    academy agency airline airlines alliance association authority bank board bureau center centre chamber choir
    circus club college commission committee community company consulate corporation council court department embassy
    ensemble federation foundation fund group hospital hotel institute kindergarten laboratory league library ltd
    ministry museum office orchestra organisation organization party press restaurant school service society studio
    studios team theater theatre union university
    """.split()
)
SPOTS = frozenset(
    """
    airport avenue bay beach bridge building camp castle city complex county factory field garden gardens gate gym hall
    highway hill hills island lake lane mall market mountain mountains palace park pass pavilion peak plaza port
    port railway reservoir resort ridge river road ruins site square stadium station street subdistrict temple terminal
    tomb tombs tower town township trail valley village wall workshop zone
    """.split()
)
EVENTS = frozenset(
    """
    competition conference congress contest convention cup day exhibition expo exposition fair festival forum games
    marathon month seminar summit symposium week
    """.split()
)
