"""What the numbers of a cube are: radiance or reflectance, floats or whole steps of a stated size."""

from dataclasses import dataclass
from typing import Literal

from atalaya.sim.cube.push_broom import Quantity


@dataclass(frozen=True, slots=True)
class CubeFormat:
    """How a cube is written.

    Args:
        quantity: "radiance", microwatts per square centimetre, steradian and nanometre; or "reflectance",
            what a correction that knows the air and takes the ground for level makes of it.
        kind: "float32", or "uint16" in steps of 1/1000 of radiance and 1/10000 of reflectance.
    """

    quantity: Quantity = "radiance"
    kind: Literal["float32", "uint16"] = "float32"

    @property
    def reflects(self) -> bool:
        """Whether it is reflectance."""
        return self.quantity == "reflectance"

    @property
    def whole(self) -> bool:
        """Whether numbers are steps."""
        return self.kind == "uint16"

    @property
    def steps(self) -> float:
        """Steps per unit; 1 for floats."""
        return (10_000.0 if self.reflects else 1000.0) if self.whole else 1.0

    @property
    def ignore(self) -> float:
        """Value of pixels that see no ground."""
        return 65_535.0 if self.whole else -9999.0
