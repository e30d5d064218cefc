"""Sessions are separate, and bounded."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pellucid.images import decode_image
from pellucid.studio.photos import MOST_PIXELS, Photo, photo_of
from pellucid.studio.session import MOST_SESSIONS, Session, Sessions, Shelf


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(1, 12))), st.integers(1, 30))
def test_a_shelf_keeps_its_bound_and_what_was_used_last(
    puts: list[tuple[str, int]], most: int
) -> None:
    shelf = Shelf[str](most)
    sizes: dict[str, int] = {}
    for name, size in puts:
        shelf.put(name, name, size)
        sizes[name] = size
        held = [each for each, _ in shelf.items()]
        assert held[-1] == name
        assert shelf.bytes == sum(sizes[each] for each in held)
        assert shelf.bytes <= most or held == [name]


def test_a_shelf_lets_go_what_was_not_asked_for() -> None:
    shelf = Shelf[int](3)
    for place, name in enumerate("abc"):
        shelf.put(name, place, 1)
    assert shelf.get("a") == 0
    shelf.put("d", 3, 1)
    assert [name for name, _ in shelf.items()] == ["c", "a", "d"]


def test_sessions_end_when_there_are_too_many() -> None:
    sessions = Sessions()
    keys = [sessions.new()[0] for _ in range(MOST_SESSIONS)]
    assert sessions.find(keys[0]) is not None
    sessions.new()
    assert len(sessions) == MOST_SESSIONS
    assert sessions.find(keys[0]) is not None and sessions.find(keys[1]) is None


def test_views_are_the_pixels_and_have_one_address_each() -> None:
    session = Session()
    pixels = np.random.default_rng(0).integers(0, 256, (4, 5, 3), np.uint8)
    src = session.publish(pixels)
    assert src == session.publish(pixels.copy()) != session.publish(255 - pixels)
    data = session.views.get(src.removeprefix("/view/").removesuffix(".png"))
    assert data is not None
    assert np.array_equal(decode_image(data, "view").pixels, pixels)


def test_large_pictures_are_averaged_down() -> None:
    wide = np.zeros((20, 100_000, 3), np.uint8)
    wide[:, 50_000:] = 200
    from pellucid.images import encode_png

    photo = photo_of(decode_image(encode_png(wide), "wide"), "wide")
    height, width = photo.pixels.shape[:2]
    assert height * width <= MOST_PIXELS and photo.full == (20, 100_000)
    assert "averaged down from 100000 × 20" in photo.facts
    assert photo.pixels[0, 0, 0] == 0 and photo.pixels[-1, -1, 0] == 200


def test_everyone_sees_the_picture_that_the_studio_was_opened_with() -> None:
    given_photo = Photo("mine", "My cat", np.zeros((2, 2, 1), np.uint8), (2, 2))
    sessions = Sessions((given_photo,))
    (_, one), (_, other) = sessions.new(), sessions.new()
    assert one.photo("mine") is other.photo("mine") is given_photo
    one.photos.put("secret", given_photo, 4)
    assert one.photo("secret") is not None and other.photo("secret") is None
    assert "secret" not in other.titles() and next(iter(one.titles())) == "mine"
