"""Regions of an image, in pixels from its top left: where a mark of a hot spot counts."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ssa_engine.core.policies import FrozenModel

Pixel = Annotated[int, Field(ge=0, le=100_000)]
Length = Annotated[int, Field(ge=1, le=100_000)]
Point = tuple[Pixel, Pixel]


class Circle(FrozenModel):
    """All places at most `radius` from (x, y)."""

    shape: Literal["circle"]
    x: Pixel
    y: Pixel
    radius: Length

    def contains(self, x: int, y: int) -> bool:
        """Whether a place lies in it, its edge included."""
        return (x - self.x) ** 2 + (y - self.y) ** 2 <= self.radius**2

    def inner_point(self) -> Point:
        """Return a place that lies in it."""
        return self.x, self.y

    def extent(self) -> tuple[int, int, int, int]:
        """Return left, top, right, bottom."""
        return self.x - self.radius, self.y - self.radius, self.x + self.radius, self.y + self.radius


class Rectangle(FrozenModel):
    """All places from (x, y), its top left, to (x + width, y + height)."""

    shape: Literal["rectangle"]
    x: Pixel
    y: Pixel
    width: Length
    height: Length

    def contains(self, x: int, y: int) -> bool:
        """Whether a place lies in it, its edge included."""
        return 0 <= x - self.x <= self.width and 0 <= y - self.y <= self.height

    def inner_point(self) -> Point:
        """Return a place that lies in it."""
        return self.x + self.width // 2, self.y + self.height // 2

    def extent(self) -> tuple[int, int, int, int]:
        """Return left, top, right, bottom."""
        return self.x, self.y, self.x + self.width, self.y + self.height


class Polygon(FrozenModel):
    """All places within the line through its points, back to the first."""

    shape: Literal["polygon"]
    points: Annotated[tuple[Point, ...], Field(min_length=3)]

    def contains(self, x: int, y: int) -> bool:
        """Whether a place lies in it, its edge included.

        By the parity of crossings of a ray to the right, in whole numbers (Shimrat 1962, Comm. ACM 5:434).
        """
        inside = False
        for (x1, y1), (x2, y2) in zip(self.points, (*self.points[1:], self.points[0]), strict=True):
            side = (x2 - x1) * (y - y1) - (y2 - y1) * (x - x1)
            if side == 0 and min(x1, x2) <= x <= max(x1, x2) and min(y1, y2) <= y <= max(y1, y2):
                return True
            if (y1 > y) != (y2 > y) and (side > 0) == (y2 > y1):
                inside = not inside
        return inside

    def inner_point(self) -> Point:
        """Return a place that lies in it: one of its corners."""
        return self.points[0]

    def extent(self) -> tuple[int, int, int, int]:
        """Return left, top, right, bottom."""
        across, down = [x for x, _ in self.points], [y for _, y in self.points]
        return min(across), min(down), max(across), max(down)


Region = Annotated[Circle | Rectangle | Polygon, Field(discriminator="shape")]
