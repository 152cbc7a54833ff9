"""Rules for all tests."""

import os

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Where CI=true, a test of the browser that is skipped has failed: a browser must be there."""
    report = yield
    if report.skipped and item.get_closest_marker("browser") and os.environ.get("CI", "").lower() == "true":
        report.outcome = "failed"
        report.longrepr = (
            f"{item.nodeid} needs a browser and must not be skipped where CI=true: {report.longrepr[2]}"
        )
    return report
