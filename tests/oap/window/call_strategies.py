"""Calls for property tests: few pods, minutes around the end of an hour, every kind of log."""

from hypothesis import strategies as st

from tests.oap.window.calls import Call


@st.composite
def calls(draw: st.DrawFn, last_minute: int = 62) -> Call:
    """One call."""
    return Call(
        minute=draw(st.sampled_from([minute for minute in (0, 1, 2, 58, 59, 60, 61, 62) if minute <= last_minute])),
        ms=draw(st.sampled_from([0, 1, 9, 10, 11, 150, 499, 500, 501, 2000, 2001, 100_000])),
        kind=draw(st.sampled_from(["http", "http", "http", "write", "read", "connect", "accept", "close"])),
        client=draw(st.sampled_from([0, 1, 20])),
        server=draw(st.sampled_from([10, 11, 30])),
        code=draw(st.sampled_from([0, 200, 404, 500])),
        method=draw(st.sampled_from(["Get", "Post", "Put"])),
        path=draw(st.sampled_from(["/", "/a"])),
        role=draw(st.sampled_from(["client", "server", "proxy"])),
    )
