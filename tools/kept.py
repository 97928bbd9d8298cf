"""Counts that a CSV file of a test keeps."""

FIELDS = ("variant", "cores", "metric", "unit", "median")


def text_of(rows):
    """The file's text: of each row the fields above."""
    return "\n".join([",".join(FIELDS), *(",".join(row[field] for field in FIELDS) for row in rows)]) + "\n"


def write(path, rows):
    with open(path, "w", encoding="ascii") as file:
        file.write(text_of(rows))


def read(path):
    """The rows that were kept, as they were measured."""
    with open(path, encoding="ascii") as file:
        names, *lines = (line.split(",") for line in file.read().splitlines())
    return [dict(zip(names, line)) for line in lines]
