"""Where each value of a TOML text stands, for every way of writing TOML."""

from autocrine_abm.scenario.lines import key_lines, line_of

TEXT = '''# comment = 1
title = "a = [b] # no comment"
text = """
[not.a.table]
key = "no"
"""
run.duration = "1 day"

[tissue."two words"] # comment
size = [
    "1 um", # a ] in a comment
    "2 um",
    '3 um',
]
when = 1979-05-27T07:32:00Z

[[cell.a.rule]]
half = 1
[[cell.a.rule]]
half = 2
inner = { x = 1, y = { z = [1, {w = 2}] } }
[cell.a.rule.deep]
end = true
[[cell.b.rule]]
half = 3
'''


def test_every_key_and_item_has_its_line():
    lines = key_lines(TEXT)
    assert lines == {
        ("title",): 2, ("text",): 3, ("run",): 7, ("run", "duration"): 7,
        ("tissue",): 9, ("tissue", "two words"): 9, ("tissue", "two words", "size"): 10,
        ("tissue", "two words", "size", 0): 11, ("tissue", "two words", "size", 1): 12,
        ("tissue", "two words", "size", 2): 13, ("tissue", "two words", "when"): 15,
        ("cell",): 17, ("cell", "a"): 17, ("cell", "a", "rule"): 17,
        ("cell", "a", "rule", 0): 17, ("cell", "a", "rule", 0, "half"): 18,
        ("cell", "a", "rule", 1): 19, ("cell", "a", "rule", 1, "half"): 20,
        ("cell", "a", "rule", 1, "inner"): 21, ("cell", "a", "rule", 1, "inner", "x"): 21,
        ("cell", "a", "rule", 1, "inner", "y"): 21, ("cell", "a", "rule", 1, "inner", "y", "z"): 21,
        ("cell", "a", "rule", 1, "inner", "y", "z", 0): 21,
        ("cell", "a", "rule", 1, "inner", "y", "z", 1): 21,
        ("cell", "a", "rule", 1, "inner", "y", "z", 1, "w"): 21,
        ("cell", "a", "rule", 1, "deep"): 22, ("cell", "a", "rule", 1, "deep", "end"): 23,
        ("cell", "b"): 24, ("cell", "b", "rule"): 24, ("cell", "b", "rule", 0): 24,
        ("cell", "b", "rule", 0, "half"): 25,
    }  # fmt: skip


def test_a_missing_value_counts_to_its_table():
    lines = key_lines(TEXT)
    assert line_of(("cell", "a", "rule", 1, "missing"), lines) == 19
    assert line_of(("nowhere",), lines) == 1 and line_of((), lines) == 1


def test_windows_line_ends_count_once():
    assert key_lines("a = 1\r\nb = 2\r\n") == {("a",): 1, ("b",): 2}
