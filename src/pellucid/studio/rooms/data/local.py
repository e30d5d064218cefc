"""Who sits at the machine that the studio runs on: only they may name its folders."""

from nicegui import ui

from pellucid.service.listening import LOOPBACK

#: Headers of a request that somebody passed on.
_PASSED_ON = ("forwarded", "x-forwarded-for", "x-real-ip")


def is_local() -> bool:
    """Whether the page was asked for from this machine, and not through another."""
    request = ui.context.client.request
    if request is None or request.client is None:
        return False
    passed_on = any(name in request.headers for name in _PASSED_ON)
    return request.client.host in LOOPBACK and not passed_on
