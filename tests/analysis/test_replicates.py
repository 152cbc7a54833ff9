"""Intervals over replicates, against tables in textbooks."""

import numpy as np
import pandas as pd
import pytest

from autocrine_abm.analysis.replicates import summarize, t_interval, wilson_interval


def test_students_interval_of_ten():
    # t(0.975, 9) = 2.262 (any table), so 5 ± 2.262 · 1/√10
    low, high = t_interval(5.0, 1.0, 10)
    assert (low, high) == pytest.approx((5 - 0.7153, 5 + 0.7153), abs=1e-4)


def test_wilsons_interval_of_a_share():
    # Newcombe 1998, Stat Med 17:857, table I, method 3: 81 of 263 gives 0.2553 to 0.3662; 0 of 20 gives 0 to 0.1611
    assert wilson_interval(81 / 263, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson_interval(0.0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)


def test_one_row_per_point_and_measure():
    table = pd.DataFrame({"dose": [0, 0, 1, 1], "cells": [4, 6, 1, np.nan], "alive": [True, True, False, True]})
    found = summarize(table, ["dose"], ["cells", "alive"])
    assert found["measure"].tolist() == ["cells", "cells", "alive", "alive"]
    assert found["mean"].tolist() == [5, 1, 1, 0.5]
    assert found["runs"].tolist() == [2, 1, 2, 2]
    assert found["low"].isna().tolist() == [False, True, False, False]
    assert found.loc[0, "high"] == pytest.approx(5 + 12.706 * np.sqrt(2) / np.sqrt(2), abs=1e-3)  # t(0.975, 1) = 12.706
