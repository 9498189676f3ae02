"""A page of text and tables in Markdown."""

import os
import textwrap

HEAD = """# Validation

What Synfire says against what others measured or simulated. `tools/validate`
writes this page; nothing on it is typed by hand but published figures, which
carry their source and a grade (M measured, P published, D derived, A assumed; v
seen in its source, r recalled). No constant was changed to make a row look better; a
row that a constant was fitted on says so and is no test.
"""


class Page:
    def __init__(self):
        self.parts = [HEAD]

    def section(self, title):
        self.parts.append(f"## {title}\n")

    def text(self, words):
        self.parts.append(textwrap.fill(" ".join(words.split()), 88) + "\n")

    def command(self, line):
        self.parts.append(f"    {line}\n")

    def table(self, head, rows):
        lines = ["| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
        lines += ["| " + " | ".join(str(c) for c in row) + " |" for row in rows]
        self.parts.append("\n".join(lines) + "\n")

    def save(self, path):
        temporary = path.with_suffix(".tmp")
        temporary.write_text("\n".join(self.parts))
        os.replace(temporary, path)


def percent(ours, theirs):
    """How far ours is from theirs."""
    error = round(100 * (ours / theirs - 1), 1)
    return f"{error:+.1f} %" if error else "0"


def ratio(ours, theirs):
    return f"{ours / theirs:.2f}"
