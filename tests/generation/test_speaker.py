"""The speaker, which plays the latest reply, and the thread, which makes it."""

import threading

import numpy as np
import pytest

from lab_utils.generation._speaker import Speaker, Worker


def test_pieces_go_in_and_samples_come_out():
    speaker = Speaker(fade=4)
    voice = speaker.begin()
    voice.add(np.arange(3, dtype=np.float32))
    voice.add(np.arange(3, 8, dtype=np.float32))
    assert speaker.take(5)[0].tolist() == [0, 1, 2, 3, 4]
    voice.end()
    assert speaker.sounding
    made, missing = speaker.take(5)
    assert made.tolist() == [5, 6, 7, 0, 0] and not missing and not speaker.sounding


def test_a_reply_that_is_not_ended_misses_its_samples():
    speaker = Speaker(fade=4)
    speaker.begin().add(np.ones(3, np.float32))
    assert speaker.take(3)[1] is False
    assert speaker.take(1)[1] is True


def test_the_old_reply_fades_under_the_new_one():
    speaker = Speaker(fade=5)
    speaker.begin().add(np.ones(20, np.float32))
    speaker.take(10)
    voice = speaker.begin()
    voice.add(np.zeros(20, np.float32))
    assert speaker.take(8)[0] == pytest.approx([1, 0.75, 0.5, 0.25, 0, 0, 0, 0])


def test_of_tasks_that_wait_the_newest_is_carried_out():
    begun, go, done, last = threading.Event(), threading.Event(), [], threading.Event()

    def work(task):
        begun.set()
        go.wait(10)
        done.append(task)
        if task == 4:
            last.set()

    worker = Worker(work)
    worker.give(1)
    assert begun.wait(10)
    for task in (2, 3, 4):
        worker.give(task)
    assert worker.busy
    go.set()
    assert last.wait(10)
    worker.close()
    assert done == [1, 4] and not worker.thread.is_alive()
