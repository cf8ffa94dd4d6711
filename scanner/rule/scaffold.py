"""A new rule file, with everything in it that a rule has to have."""

from __future__ import annotations

import re
from pathlib import Path

from scanner.errors import UsageError
from scanner.vocabulary import load

TEMPLATE = """\
title: One sentence that names the problem
severity: medium
confidence: high
effort: days
for_each: {subject}
when: "TRUE"
fails_when: {column} = 'replace this with an expression over the columns of {subject}'
says: "{{{column}}} has the problem"
evidence: [{column}]
why: |
  What goes wrong, and to whom it has happened.
fix: |
  What to do instead, concretely.
references: [article#blast-radius]
examples:
  fails:
    - because: say what makes it fail
      given: {{{column}: "replace this with an expression over the columns of {subject}"}}
  passes:
    - because: say what makes it pass
      given: {{{column}: good}}
  not_evaluated:
    - because: say what was not read
      given: {{{column}: null}}
"""


def new(rule_id: str, subject: str, directory: Path) -> Path:
    """Write the file; returns its path. Raises UsageError for a bad id, an unknown subject, or a file that is there."""
    if not re.fullmatch(r"[a-z][a-z0-9_]*/[a-z][a-z0-9_]*", rule_id):
        raise UsageError(f"{rule_id}: an id is principle/problem in lower case, such as backup_isolation/copies_stale")
    subjects = load()
    if subject not in subjects:
        raise UsageError(f"there is no subject {subject}; there are {', '.join(sorted(subjects))}")
    path = directory / f"{rule_id}.yaml"
    if path.exists():
        raise UsageError(f"{path} exists")
    path.parent.mkdir(parents=True, exist_ok=True)
    column = "name" if any(word.name == "name" for word in subjects[subject].words) else "id"
    path.write_text(TEMPLATE.format(subject=subject, column=column))
    return path
