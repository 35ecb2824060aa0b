"""Cells of Jobs and CronJobs."""

from __future__ import annotations

from typing import Any

import pytest

from tests.tables.kinds.cells import AN_HOUR_AGO, TEN_MINUTES_AGO, cells


@pytest.mark.parametrize(
    ("conditions", "expected", "deleted"),
    [
        ({}, "Running", "Terminating"),
        ({"Suspended": "False"}, "Running", "Terminating"),
        ({"Suspended": "True"}, "Suspended", "Terminating"),
        ({"SuccessCriteriaMet": "True"}, "SuccessCriteriaMet", "Terminating"),
        ({"SuccessCriteriaMet": "True", "FailureTarget": "True"}, "FailureTarget", "Terminating"),
        ({"SuccessCriteriaMet": "True", "Complete": "True"}, "Complete", "Complete"),
        ({"FailureTarget": "True", "Failed": "True"}, "Failed", "Failed"),
    ],
)
def test_the_status_of_a_job(conditions: dict[str, str], expected: str, deleted: str) -> None:
    """The end of a job says more than its deletion, which says more than the way there."""
    listed = [{"type": kind, "status": status} for kind, status in conditions.items()]
    manifest: dict[str, Any] = {"status": {"conditions": listed}}
    assert cells("jobs", manifest, ["STATUS"]) == {"STATUS": expected}
    manifest["metadata"] = {"deletionTimestamp": AN_HOUR_AGO}
    assert cells("jobs", manifest, ["STATUS"]) == {"STATUS": deleted}


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({"completions": 5, "parallelism": 2}, "1/5"),
        ({"completions": 0}, "1/0"),
        ({"parallelism": 3}, "1/1 of 3"),
        ({"parallelism": 1}, "1/1"),
        ({}, "1/1"),
    ],
)
def test_the_completions_of_a_job(spec: dict[str, Any], expected: str) -> None:
    """A job without a number of completions is done with one pod of those that share it."""
    manifest = {"spec": spec, "status": {"succeeded": 1}}
    assert cells("jobs", manifest, ["COMPLETIONS"]) == {"COMPLETIONS": expected}


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ({}, ""),
        ({"startTime": AN_HOUR_AGO}, "60m"),
        ({"startTime": AN_HOUR_AGO, "completionTime": TEN_MINUTES_AGO}, "50m"),
    ],
)
def test_the_duration_of_a_job(status: dict[str, Any], expected: str) -> None:
    """It ends with the job and is empty before it begins."""
    assert cells("jobs", {"status": status}, ["DURATION"]) == {"DURATION": expected}


@pytest.mark.parametrize(
    ("manifest", "expected"),
    [
        (
            {"spec": {"schedule": "@daily"}},
            {
                "SCHEDULE": "@daily",
                "TIMEZONE": "<none>",
                "SUSPEND": "<unset>",
                "ACTIVE": "0",
                "LAST SCHEDULE": "<none>",
                "SELECTOR": "<none>",
            },
        ),
        (
            {
                "spec": {
                    "timeZone": "Europe/Berlin",
                    "suspend": False,
                    "jobTemplate": {
                        "spec": {
                            "selector": {"matchLabels": {"a": "b"}},
                            "template": {
                                "spec": {
                                    "containers": [
                                        {"name": "one", "image": "x:1"},
                                        {"name": "two", "image": "y:2"},
                                    ]
                                }
                            },
                        }
                    },
                },
                "status": {"active": [{"name": "j"}], "lastScheduleTime": TEN_MINUTES_AGO},
            },
            {
                "TIMEZONE": "Europe/Berlin",
                "SUSPEND": "False",
                "ACTIVE": "1",
                "LAST SCHEDULE": "10m",
                "CONTAINERS": "one,two",
                "IMAGES": "x:1,y:2",
                "SELECTOR": "a=b",
            },
        ),
        ({"spec": {"suspend": True}}, {"SUSPEND": "True"}),
    ],
)
def test_a_cron_job(manifest: dict[str, Any], expected: dict[str, str]) -> None:
    """Containers are those of the jobs that it makes."""
    assert cells("cronjobs", manifest, expected) == expected
