"""Every folder has a README.md, their links lead somewhere, and the top of the tree holds only what it may."""
import os
import re

from _tree import report, tracked

TOP = {"meson.build", "meson_options.txt", "cpudriver", "monitor", "urpc", "capabilities", "skb", "usr", "platforms",
       "test", "README.md", "skerry", "tools", "LICENSE"}
README_LINES = 120  # about a page; the root's may be longer


def folders(files):
    """All folders that hold tracked files, but hidden ones."""
    found = set()
    for path in files:
        folder = os.path.dirname(path)
        while folder:
            found.add(folder)
            folder = os.path.dirname(folder)
    return {folder for folder in found if not any(part.startswith(".") for part in folder.split("/"))}


def check_readmes(files):
    missing = [folder for folder in sorted(folders(files)) if f"{folder}/README.md" not in files]
    complaints = [f"{folder}/ has none" for folder in missing]
    if "README.md" not in files:
        complaints.insert(0, "the top has none")
    for path in sorted(files):
        if path.endswith("/README.md") and files[path].count("\n") > README_LINES:
            complaints.append(f"{path} has {files[path].count(chr(10))} lines; a page is enough")
    return complaints


def check_links(files):
    known = set(files) | folders(files)
    complaints = []
    for path, text in sorted(files.items()):
        if not path.endswith(".md"):
            continue
        prose = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
        for target in re.findall(r"\]\(([^)\s]+)\)", prose):
            if re.match(r"[a-z]+:|#", target):
                continue
            place = os.path.normpath(os.path.join(os.path.dirname(path), target.split("#")[0]))
            if place not in known and place != ".":
                complaints.append(f"{path}: {target} leads nowhere")
    return complaints


def check_top(files):
    names = {path.split("/")[0] for path in files}
    return [f"{name} does not belong there" for name in sorted(names) if name not in TOP and not name.startswith(".")]


def main():
    files = tracked()
    report("documents: every folder has a README.md", check_readmes(files))
    report("documents: links lead somewhere", check_links(files))
    report("documents: the top holds only what DESIGN.md names", check_top(files))


if __name__ == "__main__":
    main()
