"""The one pass: right, whatever the timing of the threads; and it always ends."""

import errno
import signal
import subprocess
import sys
import threading
import time
import weakref
from collections import Counter
from dataclasses import fields, replace
from hashlib import blake2b

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image, ImageFilter

from pellucid.data import workers
from pellucid.data.open import open_catalogue
from pellucid.data.scan import Scan, has_color, scan
from pellucid.data.words import Words, WordsWriter
from pellucid.errors import DataError, ImageError


def area_average(image, side):
    """Float64 area average of (H, W), H and W at least ``side``: differences of the integral,
    which is linear between pixel borders."""
    for _ in range(2):
        length = len(image)
        integral = np.vstack([np.zeros(image.shape[1]), np.cumsum(image, axis=0)])
        borders = np.linspace(0, length, side + 1)
        columns = [np.interp(borders, np.arange(length + 1), column) for column in integral.T]
        image = np.diff(np.array(columns).T, axis=0) * side / length
        image = image.T
    return image


def assert_same(first: Scan, second: Scan):
    for field in fields(Scan):
        one, other = getattr(first, field.name), getattr(second, field.name)
        if isinstance(one, Words):
            assert one.names == other.names
            one, other = one.codes, other.codes
        np.testing.assert_array_equal(one, other)


def test_every_field_of_a_scan(make_catalogue, mixed_images):
    catalogue = make_catalogue(mixed_images)
    found = scan(catalogue)
    assert len(found) == 60
    assert np.flatnonzero(~found.good).tolist() == [7, 31]
    assert [(fault.name, fault.why) for fault in found.faults] == [
        ("a/7.png", "truncated"),
        ("a/31.png", "empty"),
    ]
    assert found.faults[1].detail == "a/31.png: the file has zero bytes."
    notes: Counter[str] = Counter()
    for index, image in enumerate(mixed_images):
        if isinstance(image, ImageError):
            assert found.formats[index] is None
            assert not found.thumbs[index].any()
            continue
        assert (found.heights[index], found.widths[index]) == image.shape[:2]
        expected = blake2b(image.tobytes(), digest_size=16).digest()
        assert found.digests[index].tobytes() == expected
        assert found.formats[index] == ("PNG", "JPEG")[index % 2]
        assert found.modes[index] == ("gray" if image.shape[2] == 1 else "RGB")
        assert found.colored[index] == (np.ptp(image, axis=2) > 0).any()
        notes.update(("rotated by EXIF", "alpha over white")[: index % 3])
    assert found.note_counts() == dict(notes)


def test_thumbs_are_area_averages_of_the_luma(make_catalogue):
    rng = np.random.default_rng(1)
    images = [
        rng.integers(0, 256, (*rng.integers(32, 200, 2), channels)).astype(np.uint8)
        for channels in (1, 3) * 6
    ]
    found = scan(make_catalogue(images))
    for image, thumb in zip(images, found.thumbs, strict=True):
        luma = [0.299, 0.587, 0.114] if image.shape[2] == 3 else [1.0]
        expected = area_average(image.astype(np.float64) @ luma, 32)
        assert np.abs(thumb - expected).max() <= 1.0


def test_alone_jpegs_are_read_reduced_and_nothing_else_changes(tmp_path):
    rng = np.random.default_rng(4)
    for label in "ab":
        (tmp_path / label).mkdir()
        for index in range(3):
            noise = Image.fromarray(rng.integers(0, 256, (150 + 40 * index, 210, 3), np.uint8))
            photo = noise.filter(ImageFilter.GaussianBlur(3))
            photo.save(tmp_path / label / f"{index}.jpg", quality=92)
    catalogue = open_catalogue(tmp_path)
    sizes = []
    whole = scan(catalogue, visit=lambda _, picture: sizes.append(picture.pixels.shape[:2]))
    assert sorted(sizes) == 2 * [(150, 210)] + 2 * [(190, 210)] + 2 * [(230, 210)]
    alone = scan(catalogue)
    difference = np.abs(whole.thumbs.astype(int) - alone.thumbs)
    assert 0 < difference.mean() < 1.5  # a reduced picture, and nearly the same thumbnail
    assert_same(replace(whole, thumbs=alone.thumbs), alone)


def test_the_result_does_not_depend_on_the_threads(make_catalogue, mixed_images):
    catalogue = make_catalogue(mixed_images)
    plain = catalogue.source.load
    rng = np.random.default_rng(2)
    pauses = rng.uniform(0, 0.002, 60)

    def slow(index, enough=None):
        time.sleep(pauses[index])
        return plain(index)

    alone = scan(catalogue, threads=1)
    catalogue.source.load = slow
    for threads in (2, 5):
        assert_same(alone, scan(catalogue, threads=threads))


def test_visit_gets_each_good_picture_once(make_catalogue, mixed_images):
    seen = {}
    scan(make_catalogue(mixed_images), visit=lambda i, p: seen.setdefault(i, p.pixels), threads=3)
    good = [i for i, image in enumerate(mixed_images) if not isinstance(image, ImageError)]
    assert sorted(seen) == good
    assert all(seen[index] is mixed_images[index] for index in good)


def test_progress_adds_up_and_comes_in_the_calling_thread(make_catalogue, mixed_images):
    steps = []

    def advance(count):
        assert threading.current_thread() is threading.main_thread()
        steps.append(count)

    scan(make_catalogue(mixed_images), advance=advance)
    assert sum(steps) == 60
    assert min(steps) > 0


def test_an_empty_catalogue(make_catalogue):
    assert len(scan(make_catalogue([]))) == 0


def test_few_pictures_are_held_at_a_time(make_catalogue):
    class Fresh:
        """Makes each image anew, so that only the pass keeps it alive."""

        def __init__(self, count):
            self.count, self.live, self.most = count, 0, 0
            self.lock = threading.Lock()

        def __len__(self):
            return self.count

        def __getitem__(self, index):
            image = np.full((40, 40, 3), index % 256, np.uint8)
            with self.lock:
                self.live += 1
                self.most = max(self.most, self.live)
            weakref.finalize(image, self.gone)
            return image

        def gone(self):
            self.live -= 1

    images = Fresh(300)
    scan(make_catalogue(images), threads=3)
    # One in hand and the last one not yet let go of, for each thread.
    assert images.most <= 6


def test_other_exceptions_than_image_errors_surface(make_catalogue, mixed_images):
    images = list(mixed_images)
    images[20] = ZeroDivisionError("a slip in a decoder")
    with pytest.raises(ZeroDivisionError, match="a slip"):
        scan(make_catalogue(images))


def test_a_disk_that_is_gone_is_one_sentence(make_catalogue, mixed_images):
    images = list(mixed_images)
    images[20] = OSError(errno.EIO, "Input/output error")
    with pytest.raises(DataError, match=r"stopped at a/20.png: .* Input/output error"):
        scan(make_catalogue(images))


def test_an_exception_of_visit_surfaces_even_an_image_error(make_catalogue, mixed_images):
    def visit(index, picture):
        raise ImageError("not the decoder's", "broken")

    with pytest.raises(ImageError, match="not the decoder's"):
        scan(make_catalogue(mixed_images), visit=visit)


@pytest.mark.parametrize("threads", [1, 2])
def test_a_decode_that_never_ends_does_not_hold_the_pass(make_catalogue, monkeypatch, threads):
    monkeypatch.setattr(workers, "PATIENCE", 0.3)
    monkeypatch.setattr(workers, "GRACE", 0.1)
    catalogue = make_catalogue([np.zeros((2, 2, 1), np.uint8)] * 8)
    plain, gate = catalogue.source.load, threading.Event()

    def load(index, enough=None):
        if index == 3:
            gate.wait()
        return plain(index)

    catalogue.source.load = load
    try:
        with pytest.raises(DataError, match=r"nothing was finished in 0.3 seconds.*a/3\.png;"):
            scan(catalogue, threads=threads)
    finally:
        gate.set()


INTERRUPTED = """
import sys, time
sys.path.insert(0, {folder!r})
from conftest import fake_catalogue
from pellucid.data.scan import scan
import numpy as np

catalogue = fake_catalogue([np.zeros((2, 2, 1), np.uint8)] * 1000)
def load(index, enough=None):
    print(index, flush=True)
    time.sleep(60 if index == 0 else 0.01)
    return plain(index)
plain, catalogue.source.load = catalogue.source.load, load
scan(catalogue, threads=2)
"""


def test_ctrl_c_stops_promptly_even_with_a_decoder_that_does_not_return(request):
    code = INTERRUPTED.format(folder=str(request.path.parent))
    child = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    with child:
        assert child.stdout is not None and child.stderr is not None
        child.stdout.readline()
        child.stdout.readline()
        start = time.monotonic()
        child.send_signal(signal.SIGINT)
        assert "KeyboardInterrupt" in child.stderr.read()
    assert child.returncode != 0
    assert time.monotonic() - start < 6


@given(
    arrays(np.uint8, st.tuples(*[st.integers(1, 9)] * 2, st.just(3)), elements=st.just(5)),
    st.data(),
)
def test_has_color_sees_a_single_differing_sample(image, data):
    assert not has_color(image)
    spot = tuple(data.draw(st.integers(0, size - 1)) for size in image.shape)
    image[spot] += data.draw(st.integers(1, 250))
    assert has_color(image)


@given(st.lists(st.none() | st.sampled_from(["gray", "RGB", "", "palette", "é\n"])))
def test_words_are_what_was_written(words):
    writer = WordsWriter(len(words))
    for index, word in reversed(list(enumerate(words))):
        if word is not None:
            writer[index] = word
    kept = writer.finish()
    assert [kept[index] for index in range(len(kept))] == words
    assert kept.counts() == Counter(word for word in words if word is not None)
    assert list(kept.names) == sorted({word for word in words if word is not None})
