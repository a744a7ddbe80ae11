"""A refusal names the line on which a key stands, however the file writes its tables."""

from __future__ import annotations

import pytest

from core.config.toml_places import line_of
from core.untrusted import Place

TEXT = """# 1
top = 1
"quoted key" = 2
  indented=3
[ spaced . table ]   # 5
key = 4
a.b = 5
[[list]]
key = 6
[[list]]  # 10
[list.inner]
key = 7
[[list.rows]]
key = 8
[[list.rows]]
key = 9
no key at all
[last]
"""


@pytest.mark.parametrize(
    ("place", "line"),
    [
        (("top",), 2),
        (("quoted key",), 3),
        (("indented",), 4),
        (("spaced",), 5),
        (("spaced", "table"), 5),
        (("spaced", "table", "key"), 6),
        (("spaced", "table", "key", "deeper", 3), 6),
        (("spaced", "table", "a"), 7),
        (("spaced", "table", "a", "b"), 7),
        (("list",), 8),
        (("list", 0), 8),
        (("list", 0, "key"), 9),
        (("list", 1), 10),
        (("list", 1, "inner", "key"), 12),
        (("list", 1, "rows", 0, "key"), 14),
        (("list", 1, "rows", 1, "key"), 16),
        (("list", 1, "rows", 1, "nothing"), 15),
        (("list", 2), None),
        (("last",), 18),
        (("last", "nothing"), 18),
        (("nothing",), None),
        ((), None),
    ],
)
def test_the_line_is_that_of_the_longest_part_that_stands_there(place: Place, line: int | None) -> None:
    assert line_of(TEXT, place) == line


def test_a_header_that_is_none_is_passed_over() -> None:
    assert line_of("[a\nb = 1\n[=]\nc = 2", ("c",)) == 4
    assert line_of("", ("a",)) is None
