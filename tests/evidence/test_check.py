"""A table of checks: who published a line, and what counts as near."""

import pickle

import numpy as np
import pytest

from autocrine_abm.evidence.check import Table, span


def test_a_line_names_its_own_source_or_that_of_the_table():
    table = Table("minimal", "one")
    table.line("a", "1", "1", "none", np.bool_(True))
    table.line("b", "1", "2", "none", False, "another")
    assert [(check.source, check.verdict) for check in table] == [("one", True), ("another", False)]


@pytest.mark.parametrize("simulated, right", [(1.99, True), (2.01, True), (1.97, False), (2.03, False), (np.nan, False)])
def test_near_takes_a_share_of_the_published_number_on_both_sides(simulated, right):
    table = Table("minimal", "one")
    table.near("a", 2.0, simulated, 0.01, "1 %", digits=".2f", remark=" of them")
    (check,) = table
    assert check.verdict is right and check.published == "2.00" and check.simulated == f"{simulated:.2f} of them"


def test_near_a_negative_number():
    table = Table("minimal", "one")
    table.near("slope", -1.0, -1.005, 0.01, "1 %")
    table.near("slope", -1.0, 1.0, 0.01, "1 %")
    assert [check.verdict for check in table] == [True, False]


def test_a_table_goes_to_another_process_whole():
    table = Table("minimal", "one")
    table.line("a", "1", "1", "none", True)
    again = pickle.loads(pickle.dumps(table))
    assert again == table and (again.system, again.source) == ("minimal", "one")


def test_span_is_from_the_lowest_to_the_highest():
    assert span(np.array([2.0, 1.0, 1.5])) == "1.00 to 2.00" and span(np.array([0.01234]), ".2g") == "0.012 to 0.012"
