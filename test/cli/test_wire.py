"""The splitter: however the bytes come, the same text and marks leave it."""
import random
import unittest

from tools.wire import Splitter


def split(pieces):
    splitter, text, marks = Splitter(), b"", []
    for piece in pieces:
        for kind, value in splitter.feed(piece):
            if kind == "text":
                text += value
            else:
                marks.append((len(text), value))
    return text, marks, splitter.held


class Split(unittest.TestCase):
    STREAM = (b"boot\r\n\x1b[2J\x1b]skerry;ready\x07skerry> \x1b]0;title\x07"
              b"\x1b]skerry;begin;00ff\x07out\x1b put\x1b]skerry;end;00ff;12\x07rest")

    def test_any_cut_gives_the_same(self):
        whole = split([self.STREAM])
        self.assertEqual([value for _, value in whole[1]], [["ready"], ["begin", "00ff"], ["end", "00ff", "12"]])
        self.assertEqual(whole[0], b"boot\r\n\x1b[2Jskerry> \x1b]0;title\x07out\x1b putrest")
        choose = random.Random(1)
        for _ in range(300):
            cuts = sorted(choose.sample(range(len(self.STREAM)), 12))
            pieces = [self.STREAM[a:b] for a, b in zip([0, *cuts], [*cuts, len(self.STREAM)])]
            self.assertEqual(split(pieces), whole)

    def test_what_only_looks_like_a_mark_is_text(self):
        for text in (b"\x1b]skerry;a\nb\x07", b"\x1b]skerry;" + b"x" * 200, b"\x1b]skerry;\x02\x07"):
            got, marks, held = split([text, b"."])
            self.assertEqual((got + held, marks), (text + b".", []))

    def test_text_is_not_held_back_for_nothing(self):
        self.assertEqual(split([b"skerry> "])[2], b"")
        self.assertEqual(split([b"abc\x1b]ske"])[0], b"abc")


if __name__ == "__main__":
    unittest.main()
