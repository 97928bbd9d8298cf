"""Machine files (platforms/machines): each cost names where its number is from, or that nobody knows, and then a range."""
import re

from _tree import report, tracked

FOLDER = "platforms/machines/"
COST = re.compile(r"cost (?P<key>[\w.]+) = (?P<value>\S+)(?P<range> +\S+\.\.\S+)? +from (?P<source>\S.*)")
SOURCES = ("The Multikernel", "Table 2", "vendor:", "AMD", "Intel", "the shape", "unknown:")


def check_costs(files):
    complaints = []
    for path, text in files.items():
        if not path.startswith(FOLDER) or path.endswith(".md"):
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if not line.startswith("cost"):
                continue
            match = COST.fullmatch(line.rstrip())
            if not match:
                complaints.append(f"{path}:{number}: a cost is 'cost KEY = VALUE [LOW..HIGH] from SOURCE'")
            elif not match["source"].startswith(SOURCES):
                complaints.append(f"{path}:{number}: '{match['key']}': no source begins with any of: {', '.join(SOURCES)}")
            elif match["source"].startswith("unknown:") and not match["range"]:
                complaints.append(f"{path}:{number}: '{match['key']}' has neither a source nor a range")
    return complaints


def main():
    report("costs: every cost of a machine names its source, or a range", check_costs(tracked()))


if __name__ == "__main__":
    main()
