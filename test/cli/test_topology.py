"""The picture of a machine: every core lies in its package, every edge of the tree is drawn from its parent to its child."""
import os
import re
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as xml

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, ROOT)

from tools import bench_topology, machine, skb, topology  # noqa: E402

SVG = "{http://www.w3.org/2000/svg}"
BUILD_SECONDS = 600     # the host's knowledge base may have to be built first


def drawn(text):
    """(cores: number -> (x, y), frames: package -> (left, top, right, bottom), edges: set of (parent, child, turn))."""
    cores, frames, edges = {}, {}, set()
    for group in xml.fromstring(text).iter(f"{SVG}g"):
        name = group.get("id", "")
        if name.startswith("core-"):
            circle = group.find(f"{SVG}circle")
            cores[int(name[5:])] = (float(circle.get("cx")), float(circle.get("cy")))
        elif name.startswith("package-"):
            frame = [float(group.find(f"{SVG}rect").get(key)) for key in ("x", "y", "width", "height")]
            frames[int(name[8:])] = (frame[0], frame[1], frame[0] + frame[2], frame[1] + frame[3])
        elif name.startswith("edge-"):
            parent, child = map(int, name.split("-")[1:])
            edges.add((parent, child, int(re.search(r"turn (\d+)", group.find(f"{SVG}title").text).group(1))))
    return cores, frames, edges


class Topology(unittest.TestCase):
    def check_places(self, cores, frames, members):
        self.assertEqual(set(cores), {core for core, _, _ in members})
        self.assertEqual(len(set(cores.values())), len(cores), "two cores at one place")
        for core, package, _ in members:
            left, top, right, bottom = frames[package]
            x, y = cores[core]
            self.assertTrue(left < x < right and top < y < bottom, f"core {core} is not in package {package}")
        boxes = list(frames.values())
        for index, one in enumerate(boxes):
            for other in boxes[index + 1:]:
                apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
                self.assertTrue(apart, "two packages lie on each other")

    def test_what_is_drawn_is_what_was_said(self):
        for members, tree in (([(0, 0, 0)], []), ([(0, 0, 0), (1, 0, 0), (7, 3, 0)], [(0, 7, 0), (0, 1, 1)])):
            text = topology.svg("a < b & c", 0, members, {(0, 0): 10}, tree)
            cores, frames, edges = drawn(text)
            self.check_places(cores, frames, members)
            self.assertEqual(edges, set(tree))

    def test_machine_files_by_the_knowledge_base(self):
        for name in ("8x4-amd", "2x64-server"):
            with tempfile.TemporaryDirectory() as folder:
                path = os.path.join(folder, "drawing.svg")
                done = subprocess.run([sys.executable, os.path.join(ROOT, "skerry"), "bench", "topology", "--platform", "hosted",
                                       "--machine", name, "--plot", path], capture_output=True, text=True,
                                      timeout=BUILD_SECONDS, check=False)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                with open(path, encoding="utf-8") as file:
                    cores, frames, edges = drawn(file.read())
            chosen = machine.load(name)
            facts = re.findall(r"^core\((\d+), (\d+), (\d+)\)\.$", skb.facts(chosen), re.M)
            self.check_places(cores, frames, [tuple(map(int, fact)) for fact in facts])
            # A tree: each core but the root has one parent, and the root reaches all of them.
            self.assertEqual(sorted(child for _, child, _ in edges), list(range(1, chosen.cores)))
            self.assertEqual(set(topology.depths(0, edges)), set(range(chosen.cores)))
            # NUMA-aware: one message into each package but the root's.
            package = {int(core): its for core, its, _ in facts}
            across = [edge for edge in edges if package[edge[0]] != package[edge[1]]]
            self.assertEqual(len(across), chosen.packages - 1)

    def test_rows_of_the_shell(self):
        lines = ["Core       Package    Node", "0          0          0", "1          0          0", "no", ""]
        self.assertEqual(bench_topology.numbers(lines), [(0, 0, 0), (1, 0, 0)])


if __name__ == "__main__":
    unittest.main()
