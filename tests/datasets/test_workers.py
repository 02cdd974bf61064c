"""Work spread over processes."""

import os
import signal
import sys
from functools import partial

import pytest

from lab_utils.datasets import workers
from lab_utils.datasets.workers import cores, results


@pytest.mark.parametrize("jobs", [1, 2, 9])
def test_every_item_is_done_once(jobs):
    assert dict(results(abs, [-3, 4, -5], jobs)) == {0: 3, 1: 4, 2: 5}
    assert list(results(abs, [], jobs)) == []


@pytest.mark.parametrize(("jobs", "here"), [(1, True), (2, False)])
def test_a_worker_holds_nothing_of_this_process(jobs, here, monkeypatch):
    """Neither its modules nor, which cannot be asked for, its threads and what they have locked."""
    monkeypatch.setitem(sys.modules, "loaded_by_this_process", sys)
    loaded = "'loaded_by_this_process' in __import__('sys').modules"
    assert dict(results(eval, [loaded, loaded], jobs)) == {0: here, 1: here}


def test_an_error_in_a_worker_is_raised():
    with pytest.raises(TypeError, match="bad operand"):
        list(results(abs, ["one", "two"], 2))


def test_what_a_killed_worker_leaves_is_done_here(monkeypatch):
    monkeypatch.setattr(workers, "_start_worker", partial(signal.raise_signal, signal.SIGKILL))
    assert dict(results(abs, [-1, -2], 2)) == {0: 1, 1: 2}


def test_cores_are_those_that_this_process_may_use():
    if not hasattr(os, "sched_setaffinity"):
        pytest.skip("this system does not bind processes to cores")
    allowed = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(allowed)})
        assert cores() == 1
    finally:
        os.sched_setaffinity(0, allowed)
    assert cores() == len(allowed)
