"""Where lines and shapes are, against what is known of them in closed form."""

from __future__ import annotations

import math
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest

from engine.view.stepper.geometry import Bounds, Curve, bounds, place_on


def shape(text):
    return ET.fromstring(text)


@pytest.mark.parametrize(
    ("shapes", "around"),
    [
        (['<rect x="1" y="2" width="30" height="5"/>'], (1, 2, 31, 7)),
        (['<rect width="30" height="5"/>'], (0, 0, 30, 5)),
        (['<ellipse cx="10" cy="-20" rx="3" ry="4"/>'], (7, -24, 13, -16)),
        (['<ellipse rx="3" ry="4"/>'], (-3, -4, 3, 4)),
        (['<polygon points="1,2 5,-6 3.5,4"/>'], (1, -6, 5, 4)),
        (['<path d="M1.25,2C3,4 -5.5,6 7,8"/>'], (-5.5, 2, 7, 8)),
        (['<text x="99" y="99"/>', '<rect x="1" y="2" width="1" height="1"/>'], (1, 2, 2, 3)),
        (
            ['<rect x="0" y="0" width="2" height="2"/>', '<ellipse cx="9" cy="9" rx="1" ry="2"/>'],
            (0, 0, 10, 11),
        ),
    ],
)
def test_bounds_are_around_shapes_of_every_kind(shapes, around):
    assert bounds(map(shape, shapes)) == around


@pytest.mark.parametrize(
    ("other", "meets"),
    [
        ((2, 2, 3, 3), True),
        ((-9, -9, 99, 99), True),
        ((9, 0, 12, 5), True),
        ((-2, 0, 1, 5), True),
        ((0, 4, 10, 9), True),
        ((0, -4, 10, 1), True),
        *[((10, 0, 12, 5), False), ((-2, 0, 0, 5), False)],  # side by side
        *[((0, 5, 10, 9), False), ((0, -4, 10, 0), False)],  # one on the other
        *[((11, 6, 12, 7), False), ((-2, -2, -1, -1), False)],
    ],
)
def test_rectangles_meet_where_they_share_more_than_an_edge(other, meets):
    one, two = Bounds(0, 0, 10, 5), Bounds(*other)
    assert one.meets(two) is two.meets(one) is meets


def test_a_curve_goes_through_the_points_of_its_polynomial():
    """Bézier's: (1 - t)³ a + 3 (1 - t)² t b + 3 (1 - t) t² c + t³ d."""
    curve = Curve("M0,0C1,8 5,-2 7,3C8,4 9,5 10,-6")
    assert len(curve.points) == 33
    for k in range(17):
        t = k / 16
        x = 3 * (1 - t) ** 2 * t * 1 + 3 * (1 - t) * t**2 * 5 + t**3 * 7
        y = 3 * (1 - t) ** 2 * t * 8 + 3 * (1 - t) * t**2 * -2 + t**3 * 3
        assert curve.points[k] == pytest.approx((x, y))
    assert curve.points[32] == pytest.approx((10, -6))
    steps = [math.dist(a, b) for a, b in pairwise(curve.points)]
    assert curve.lengths == pytest.approx(steps)
    assert curve.length == pytest.approx(sum(steps))


@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.5, 0.9, 1.0])
def test_a_share_of_a_curve_is_a_share_of_its_length(share):
    straight = Curve("M10,20C16,28 22,36 28,44C34,52 40,60 46,68")  # 60 long: 3, 4 and 5
    assert straight.at(share) == pytest.approx((10 + 36 * share, 20 + 48 * share))


def test_a_quarter_of_a_circle_is_as_long_as_it_is():
    handle = 400 * (math.sqrt(2) - 1) / 3
    arc = Curve(f"M100,0C100,{handle:.9f} {handle:.9f},100 0,100")
    assert arc.length == pytest.approx(50 * math.pi, rel=1e-3)  # of 16 straight pieces
    for share in (0.25, 0.5, 0.75):
        angle = share * math.pi / 2
        expected = (100 * math.cos(angle), 100 * math.sin(angle))
        assert arc.at(share) == pytest.approx(expected, abs=0.2)


@pytest.mark.parametrize("path", ["M5,6", "M5,6C5,6 5,6 5,6"])
def test_a_curve_without_length_is_its_point(path):
    assert Curve(path).length == 0.0
    assert Curve(path).at(0.0) == Curve(path).at(0.5) == (5.0, 6.0)


def test_beyond_its_end_a_curve_is_at_its_end():
    """As where the lengths do not add up for rounding."""
    assert Curve("M0,0C1,0 2,0 3,0").at(1.0 + 1e-9) == (3.0, 0.0)


def around(x, y, width=10, height=4):
    return Bounds(x - width / 2, y - height / 2, x + width / 2, y + height / 2)


LINE = Curve("M0,0C100,0 200,0 300,0")
EVERY = [0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8]  # of the line, the best place first


@pytest.mark.parametrize("place", range(21))
def test_a_label_takes_the_first_place_where_it_covers_nothing(place):
    ways = [(300 * share, side) for side in (0, 5, -5) for share in EVERY]
    taken = [Bounds(x - 1, y - 1.5, x + 1, y + 1.5) for x, y in ways[:place]]
    found = place_on(LINE, 10, 4, taken)
    assert found == pytest.approx(around(*ways[place]))


def test_a_label_without_a_free_place_stands_in_the_middle():
    found = place_on(LINE, 10, 4, [Bounds(-1000, -1000, 1000, 1000)])
    assert found == pytest.approx(around(150, 0))
