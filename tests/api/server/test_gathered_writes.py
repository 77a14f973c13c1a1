"""Writes that leave together."""

import asyncio

from api.server.gathered_writes import GatheredWrites


class Peer(asyncio.Transport):
    """Remembers what it was sent, and refuses more once it was told that nothing comes."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[bytes] = []
        self.ended = False
        self.aborted = asyncio.Event()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if self.ended:
            raise RuntimeError("Cannot call write() after write_eof()")
        self.sent.append(bytes(data))

    def write_eof(self) -> None:
        self.ended = True

    def can_write_eof(self) -> bool:
        return True

    def is_closing(self) -> bool:
        return False

    def close(self) -> None:
        self.ended = True

    def abort(self) -> None:
        self.ended = True
        self.aborted.set()


async def test_writes_of_one_turn_leave_together() -> None:
    peer = Peer()
    writes = GatheredWrites(peer, asyncio.get_running_loop(), closes_within=1)
    writes.write(b"head ")
    writes.write(b"body")
    assert peer.sent == []
    await asyncio.sleep(0)
    assert peer.sent == [b"head body"]


async def test_a_write_after_the_end_is_dropped() -> None:
    peer = Peer()
    writes = GatheredWrites(peer, asyncio.get_running_loop(), closes_within=1)
    writes.write(b"all")
    writes.finish()
    assert writes.is_closing()
    writes.write(b"more")
    writes.write(b"x" * 100_000)
    writes.close()
    await asyncio.sleep(0)
    writes.closed()
    assert peer.sent == [b"all"]


async def test_a_close_waits_for_a_peer_that_does_not_read_only_so_long() -> None:
    peer = Peer()
    writes = GatheredWrites(peer, asyncio.get_running_loop(), closes_within=0.01)
    writes.write(b"all")
    writes.close()
    assert not peer.aborted.is_set()
    await asyncio.wait_for(peer.aborted.wait(), 10)
