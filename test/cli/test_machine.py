"""Machine files: what they say, and that a wrong one is refused by line."""
import unittest

from tools import machine

SQUARE = """
packages = 4   # comment
dies_per_package = 1
cores_per_die = 4
nodes = 4
link = 0 1
link = 0 2
link = 1 3
link = 2 3
distance_by_hops = 10 16 22
memory_per_node = 256 MB
"""


class Files(unittest.TestCase):
    def test_all_of_them(self):
        shapes = {name: (machine.load(name).packages, machine.load(name).cores, machine.load(name).nodes)
                  for name in machine.names()}
        self.assertEqual(shapes, {"2x1": (2, 2, 2), "2x2": (2, 4, 2), "4x2": (4, 8, 4), "4x4": (4, 16, 4), "2x2-amd": (2, 4, 2), "2x4-intel": (2, 8, 1), "2x64-server": (2, 128, 8), "4x4-amd": (4, 16, 4),
                                  "8x4-amd": (8, 32, 8)})

    def test_the_square(self):
        square = machine.load("4x4-amd")
        self.assertEqual([[square.distance(a, b) for b in range(4)] for a in range(4)],
                         [[10, 16, 16, 22], [16, 10, 22, 16], [16, 22, 10, 16], [22, 16, 16, 10]])

    def test_the_ladder_is_symmetric_and_at_most_three_hops_wide(self):
        ladder = machine.load("8x4-amd")
        self.assertEqual(max(max(ladder.hops_from(node).values()) for node in range(8)), 3)
        for one in range(8):
            for other in range(8):
                self.assertEqual(ladder.distance(one, other), ladder.distance(other, one))

    def test_several_nodes_a_package(self):
        server = machine.load("2x64-server")
        arguments = machine.qemu_arguments(server, 64)
        self.assertIn("node,nodeid=3,cpus=48-63,memdev=m3", arguments)
        self.assertNotIn("node,nodeid=4,cpus=64-79,memdev=m4", arguments)
        self.assertEqual([server.distance(0, node) for node in (0, 3, 4, 7)], [10, 12, 12, 32])

    def test_prices_of_memory_are_told_only_where_there_are_some(self):
        self.assertNotIn("hmat=on", machine.qemu_arguments(machine.parse("plain", SQUARE), 16))
        priced = machine.qemu_arguments(machine.parse("priced", SQUARE + "latency_by_hops = 80 120 160\n"), 16)
        self.assertIn("hmat=on", priced)
        self.assertIn("node,nodeid=3,cpus=12-15,memdev=m3,initiator=3", priced)
        self.assertIn("hmat-lb,initiator=0,target=3,hierarchy=memory,data-type=access-latency,latency=160", priced)
        self.assertFalse([word for word in priced if "bandwidth" in word])

    def test_wrong_files(self):
        for change, complaint in ((("nodes = 4", "nodes = 3"), "'nodes' must be"),
                                  (("link = 0 1", "link = 0 9"), "link 0 9"),
                                  (("10 16 22", "10 16"), "no value for 2 hops"),
                                  (("256 MB", "256"), "line 11"),
                                  (("link = 0 1", "latency_by_hops = 80 120\nlink = 0 1"), "fewer values"),
                                  (("packages = 4", "packages four"), "line 2"),
                                  (("packages = 4", "sockets = 4"), "unknown key 'sockets'"),
                                  (("cores_per_die = 4", "cores_per_die = 400"), "more than 255"),
                                  (("link = 1 3\nlink = 2 3\n", ""), "cannot reach")):
            with self.subTest(change=change), self.assertRaises(ValueError) as raised:
                machine.parse("wrong", SQUARE.replace(*change))
            self.assertIn(complaint, str(raised.exception))


class Arguments(unittest.TestCase):
    def arguments(self, *given):
        return machine.qemu_arguments(machine.parse("square", SQUARE), *given)

    def test_the_first_six(self):
        arguments = self.arguments(6)
        self.assertIn("6,maxcpus=8,sockets=2,cores=4,threads=1", arguments)
        self.assertIn("node,nodeid=1,cpus=4-7,memdev=m1", arguments)
        self.assertIn("dist,src=0,dst=1,val=16", arguments)
        self.assertEqual(arguments[:2], ["-m", "512M"])

    def test_memory_is_divided(self):
        arguments = self.arguments(16, 512)
        self.assertEqual(arguments[:2], ["-m", "512M"])
        self.assertIn("memory-backend-ram,size=128M,id=m3", arguments)


if __name__ == "__main__":
    unittest.main()
