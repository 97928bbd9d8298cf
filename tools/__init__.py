"""The Python behind ./skerry; README.md has the reading order."""
