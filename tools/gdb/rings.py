"""URPC channels (urpc/channel.hpp, urpc/line.hpp) as they lie in memory: what was sent, what is unread, who sleeps."""
import struct

import memory

LINE = 64
SEQUENCES = 4096
FRAME_LEAST, FRAME_MOST = 4096, 1 << 20
LINES_MOST = 2047
SEVENTH = 6
ASLEEP, CLOSED, STARVED = 1, 2, 4


class Direction:
    """One ring: the writer's half of a channel's frame."""

    def __init__(self, half):
        self.state, self.protocol, self.consumed, _, self.writer = struct.unpack_from("<5Q", half)
        self.lines = min(len(half) // LINE - 1, LINES_MOST)
        headers = [struct.unpack_from("<Q", half, (1 + line) * LINE + 56)[0] for line in range(self.lines)]
        self.newest = self._newest(headers)
        self.sent = 0 if self.newest is None else ((self.newest >> 12 & 0xfff) + 1) % SEQUENCES
        self.acknowledged = None if self.newest is None else self.newest & 0xfff   # of the other direction

    @staticmethod
    def _newest(headers):
        """The header of the line written last: the highest number of the lap that the first line belongs to. The last
        line is a spare one, in some laps the seventh (urpc/short_laps.hpp)."""
        if not headers[0]:
            return None
        lap = headers[0] >> 56 & 127
        newest = headers[0]
        for line, header in enumerate(headers):
            place = ((header >> 12) - (headers[0] >> 12)) % SEQUENCES
            of_lap = header >> 56 & 127 == lap and place in (line, SEVENTH if line == len(headers) - 1 else line)
            if of_lap and place > ((newest >> 12) - (headers[0] >> 12)) % SEQUENCES:
                newest = header
        return newest

    def unread(self, other):
        """Lines that the reader has not told to have consumed, by its status line or its own newest line."""
        told = [other.consumed % SEQUENCES] + ([other.acknowledged] if other.acknowledged is not None else [])
        return min((self.sent - count) % SEQUENCES for count in told)

    def words(self):
        flags = [word for bit, word in ((ASLEEP, "asleep"), (CLOSED, "closed"), (STARVED, "starved")) if self.state & bit]
        return " ".join(flags) or "awake"


def label(writer):
    """The domain in a ring's name: core 8, counter 12, channel 12 (capabilities/interface/trace.hpp)."""
    return f"{writer >> 24}:{writer >> 12 & 0xfff}"


def channel(base, size):
    """(A's direction, B's) of the frame at a physical address, or None if it does not look like a channel: both sides
    name the same protocol, or one is still all zero. So a raw channel, which names none, is not found."""
    if not FRAME_LEAST <= size <= FRAME_MOST:
        return None
    half = size // 2 // LINE * LINE
    sides = [struct.unpack("<5Q", memory.physical(side, 40)) for side in (base, base + half)]
    begun = [side for side in sides if any(side)]
    if not begun or len({protocol for _, protocol, _, _, _ in begun}) != 1 or begun[0][1] < 1 << 32:
        return None
    if any(not 0 < writer < 1 << 32 for _, _, _, _, writer in begun):
        return None
    data = memory.physical(base, 2 * half)
    return Direction(data[:half]), Direction(data[half:])


def of(dispatcher):
    """(base, A's direction, B's) of every frame in a domain's capability space that holds a channel."""
    seen = set()
    for capability in dispatcher.capabilities():
        place = capability.base, capability.size
        if capability.type == "Frame" and place not in seen:
            seen.add(place)
            found = channel(*place)
            if found:
                yield (capability.base, *found)
