"""The digital range: synthetic country, hidden facilities, a flight over them, and what its sensors record.

In: a seed or real layers, a planned flight. Out: recordings like anyone's (MPEG-TS with KLV, stills, cubes)
and the truth about every object in them. No persons, no vehicles: only what stands still.
Heavy parts are imported where they are used: `sim.country`, `sim.scene`, `sim.flight`, `sim.camera`.
"""
