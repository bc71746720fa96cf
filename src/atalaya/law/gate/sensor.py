"""May this payload be carried? Only what the register knows as a sensor."""

from collections.abc import Iterable, Sequence

from atalaya.law.gate.answer import Answer, Ground, Verdict, decide


def may_carry(sensors: Iterable[str], payloads: Sequence[str], known_us: int) -> Answer:
    """Whether every payload is one of the sensors on record; nothing carried is allowed."""
    grounds = sensor_grounds(sensors, payloads)
    return decide(grounds or [Ground("LAW-032", Verdict.ALLOWED, "payload")], known_us)


def sensor_grounds(sensors: Iterable[str], payloads: Sequence[str]) -> list[Ground]:
    """One ground per payload."""
    known = {kind.casefold() for kind in payloads}
    return [
        Ground(
            "LAW-032",
            Verdict.ALLOWED if kind.casefold() in known else Verdict.REFUSED,
            f"payload {kind}",
        )
        for kind in sensors
    ]
