"""The studio: pictures, operators and networks to see and touch, in a browser.

The studio computes nothing itself: geometry, operators, explain, ledger and inference do, and it
shows what they say. It is a FastAPI application with NiceGUI's pages in it (``pip install
'pellucid[studio]'``); nothing here is imported with the rest of Pellucid.

How a room is written
---------------------

A room is a page with an address of its own. It is one module (or package) in
:mod:`pellucid.studio.rooms` with a :class:`~pellucid.studio.room.Room`, named in ``ROOMS`` there::

    @dataclass(frozen=True)
    class WhyState(State):                       # what the address says; State has ``picture``
        layer: str = text("")                    # fields of pellucid.studio.state: text, one_of,
        size: int = whole(8, 1, 64)              # whole, real, flag; each with a default

    def build(visit: Visit[WhyState]) -> None:   # called once a page load; NiceGUI's elements
        ...

    ROOM = Room("/why", "Why", "What speaks for a class?", WhyState, build)

State and address
    ``visit.state`` is the whole state. ``visit.change(size=9)`` replaces it, writes it to the
    address bar (``/why?size=9``, defaults left out, without reload) and tells everyone who asked by
    ``visit.on_change(react, "size", …)``; ``react`` is called with no arguments, once for each
    change that touches one of its fields (any field, if none is named). Opening an address restores
    the state; a value that is out of range is replaced by the default, and a sentence says so.

Pictures and sessions
    ``visit.photo`` is the picture in use (:class:`~pellucid.studio.photos.Photo`, ``pixels`` H×W×C
    uint8, at most a million pixels). Every browser has a session (a cookie); only it sees what it
    uploaded. ``visit.publish(pixels)`` makes a picture that the room computed available to this
    session and returns its address for a component's ``src``. Both are bounded; the oldest go.

Work and answers
    Short work (an answer to a hover) is done at once. Whatever takes more than some milliseconds
    runs in a thread, the newest question first: ``worker = visit.worker()``, then
    ``worker.ask(work, show)``: ``work()`` runs in a thread, ``show(result)`` on the page; what has
    been overtaken by a newer question is dropped. A :class:`~pellucid.errors.PellucidError` in
    either becomes one sentence on the page, see ``visit.say``.

Components
    Controls are NiceGUI's, made by :mod:`pellucid.studio.parts.controls`, so that they look alike
    and have labels. Drawing is done by components of our own: a Python class in
    :mod:`pellucid.studio.parts` with ``component=WEB / "NAME.js", esm=ESM``, and an ES module with
    a Vue component in ``studio/web``. What they share is imported from ``"pellucid/shared.js"``.
    Large data goes by address (``src``), small data by ``run_method``, which redraws nothing else.
    A component that asks the server while the pointer moves sends the next question when the
    answer to the last one is there (``asker`` in ``web/shared.js``): so hovering never queues.

Look
    ``web/studio.css`` has all colours as variables with ``light-dark()``: use these, the two
    fonts and the spacing, one accent, and ``--negative``/``--positive`` for signed values. The
    theme follows the system until the button in the header says otherwise.
"""
