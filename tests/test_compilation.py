"""Compiled kernels on disk: reused while nothing changes, made anew when anything does, never trusted."""

import hashlib
import os
import re
import subprocess
import sys
import threading

import numpy as np
import pytest
from numba import config
from numba.extending import intrinsic

from autocrine_abm import compilation
from autocrine_abm.compilation import CompilationWatch, cache_folder, kernel

jitted = pytest.mark.skipif(bool(config.DISABLE_JIT), reason="nothing is compiled with NUMBA_DISABLE_JIT=1")

CALLEE = """
from autocrine_abm.compilation import kernel

FACTOR = {factor}
TABLE = __import__("numpy").array([{entry}, 2.0])

@kernel
def inner(x):
    return {body}
"""

CALLER = """
import numpy as np
from autocrine_abm.compilation import CompilationWatch, kernel
import callee
from callee import inner

@kernel
def outer(values):
    for i in range(values.size):
        values[i] = inner(values[i]) * callee.FACTOR + callee.TABLE[0]

@kernel
def unrelated(values):
    values[0] = 5.0

if __name__ == "__main__":
    values = np.ones(2)
    with CompilationWatch(print) as watch:
        outer(values)
        unrelated(values[1:])
    print("result", values[0], "compiled", watch.kernels, "loaded", sum(outer.stats.cache_hits.values()))
"""


class Workshop:
    """Two modules of kernels in a folder, and a private cache; `run` says what a fresh process computes."""

    def __init__(self, folder):
        self.folder, self.cache = folder, folder / "cache"
        self.write()
        (folder / "caller.py").write_text(CALLER)

    def write(self, factor="10", entry="0.0", body="x + 1"):
        (self.folder / "callee.py").write_text(CALLEE.format(factor=factor, entry=entry, body=body))

    def start(self, **environment):
        return subprocess.Popen(
            [sys.executable, self.folder / "caller.py"],
            env={
                **os.environ,
                "AUTOCRINE_CACHE_DIR": str(self.cache),
                "PYTHONPATH": os.getcwd(),
                **environment,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, **environment):
        process = self.start(**environment)
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
        result, compiled, loaded = re.search(r"result (\S+) compiled (\d+) loaded (\d+)", out).groups()
        return float(result), int(compiled), int(loaded)

    def files(self):
        return sorted(self.cache.glob("*.kernel"))


@pytest.fixture
def workshop(tmp_path):
    return Workshop(tmp_path)


@jitted
def test_second_process_compiles_nothing(workshop):
    assert workshop.run() == (20.0, 3, 0)
    assert len(workshop.files()) == 3
    assert workshop.run() == (20.0, 0, 1)


@jitted
@pytest.mark.parametrize(
    "change, result",
    [
        ({"body": "x + 21"}, 220.0),
        ({"factor": "11"}, 22.0),
        ({"entry": "7.0"}, 27.0),
        ({"body": "x + 1 # so"}, 20.0),
    ],
    ids=[
        "callee in another module",
        "constant of another module",
        "array of another module",
        "only a comment",
    ],
)
def test_whatever_a_kernel_depends_on_makes_it_anew(workshop, change, result):
    workshop.run()
    workshop.write(**change)
    value, compiled, _ = workshop.run()
    assert value == result
    # `unrelated` is never compiled again; a callee's constants belong to the caller that reads them
    assert compiled == {"body": 2, "factor": 1, "entry": 1}[next(iter(change))] * (result != 20.0)


@jitted
def test_checked_and_unchecked_code_are_kept_apart(workshop):
    workshop.run()
    assert workshop.run(NUMBA_BOUNDSCHECK="1")[1] == 3


def _add_three(values):
    for i in range(values.size):
        values[i] += 3


@jitted
@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: content[:5],
        lambda content: content[: len(content) // 2],
        lambda content: b"\x00" * len(content),
        lambda content: content[:-100] + bytes([content[-100] ^ 1]) + content[-99:],
        lambda content: os.urandom(500),
        lambda content: hashlib.sha256(b"no pickle").digest() + b"no pickle",
    ],
    ids=[
        "empty",
        "cut in the checksum",
        "half",
        "zeros",
        "one flipped bit",
        "garbage",
        "valid checksum of nonsense",
    ],
)
def test_damaged_files_repair_themselves(damage, tmp_path, monkeypatch):
    monkeypatch.setattr(compilation, "_open_folder", [tmp_path])
    kernel(_add_three)(np.zeros(2))
    (path,) = tmp_path.iterdir()
    sound = path.read_bytes()
    path.write_bytes(damage(sound))
    for hits in (0, 1):  # the first who meets the damage compiles, the next one loads
        values = np.zeros(2)
        again = kernel(_add_three)
        again(values)
        assert values.tolist() == [3.0, 3.0]
        assert sum(again.stats.cache_hits.values()) == hits
    assert [path] == list(tmp_path.iterdir())


@jitted
def test_a_process_that_finds_damage_repairs_it(workshop):
    workshop.run()
    for path in workshop.files():
        path.write_bytes(path.read_bytes()[:1000])
    assert workshop.run() == (20.0, 3, 0)
    assert workshop.run() == (20.0, 0, 1)


@jitted
def test_processes_that_compile_at_once_and_are_killed_leave_a_sound_folder(workshop):
    processes = [workshop.start() for _ in range(3)]
    processes[0].kill()
    for process in processes[1:]:
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0 and "result 20.0" in out, err
    processes[0].communicate()
    assert workshop.run() == (20.0, 0, 1)


@jitted
def test_an_operation_in_the_language_of_the_compiler_counts():
    def digest(step):
        @intrinsic
        def operation(typing, x):
            def generate(context, builder, signature, arguments):
                return builder.add(arguments[0], arguments[0].type(step))

            return x(x), generate

        @kernel
        def use(x):
            return operation(x)

        what = hashlib.sha256()
        compilation._add_function(what, use, set())
        return what.hexdigest()

    assert digest(1) == digest(1) != digest(2)


@jitted
def test_a_folder_that_cannot_be_written_costs_only_the_cache(workshop):
    workshop.cache.write_text("a file where the folder should be")
    assert workshop.run(HOME="/proc/none", XDG_CACHE_HOME="/proc/none", TMPDIR=str(workshop.folder)) == (
        20.0,
        3,
        0,
    )
    left_over = [path for path in workshop.folder.iterdir() if path.name.startswith("autocrine_abm-")]
    assert len(left_over) == 1 and left_over[0].stat().st_mode & 0o077 == 0  # in TMPDIR, for this user only


@jitted
def test_forgotten_files_are_swept_and_used_ones_stay(workshop):
    workshop.run()
    forgotten, unfinished, young = (
        workshop.cache / name for name in ("a.kernel", "b.unfinished", "c.unfinished")
    )
    for path in (forgotten, unfinished, young):
        path.write_bytes(b"")
    os.utime(forgotten, (0, 0))
    os.utime(unfinished, (0, 0))
    assert workshop.run() == (20.0, 0, 1)
    assert not forgotten.exists() and not unfinished.exists() and young.exists()


def test_settings_of_numba_are_left_alone(monkeypatch, tmp_path):
    monkeypatch.delenv("AUTOCRINE_CACHE_DIR", raising=False)
    before = config.CACHE_DIR
    monkeypatch.setattr(config, "CACHE_DIR", str(tmp_path))
    assert cache_folder() == tmp_path / "autocrine_abm"
    monkeypatch.setattr(config, "CACHE_DIR", before)
    monkeypatch.setenv("AUTOCRINE_CACHE_DIR", str(tmp_path / "own"))
    assert cache_folder() == tmp_path / "own"
    assert config.CACHE_DIR == before


def test_without_the_compiler_a_kernel_is_the_plain_function():
    code = "from autocrine_abm.compilation import kernel\nf = lambda x: x\nassert kernel(f) is f"
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "1", "PYTHONPATH": os.getcwd()}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True, timeout=60)


@jitted
def test_watch_says_when_it_starts_and_how_long_it_took(tmp_path, monkeypatch):
    monkeypatch.setattr(compilation, "_open_folder", [tmp_path])

    @kernel
    def _thirds(values):
        for i in range(values.size):
            values[i] /= 3

    lines = []
    with CompilationWatch(lines.append) as watch:
        assert lines == []
        _thirds(np.ones(3))
        assert len(lines) == 1 and "once" in lines[0]
    assert watch.kernels == 1 and 0 < watch.seconds < 60
    assert lines[1] == f"Compiled 1 kernels in {watch.seconds:.1f} s; later runs start at once."
    with CompilationWatch(lines.append) as watch:
        _thirds(np.ones(3))
    assert watch.kernels == 0 and len(lines) == 2


@jitted
def test_watch_is_silent_about_moments(tmp_path, monkeypatch):
    monkeypatch.setattr(compilation, "_open_folder", [tmp_path])
    (tmp_path / "older.kernel").write_bytes(b"")

    @kernel
    def _quarters(values):
        values[0] /= 4

    lines = []
    with CompilationWatch(lines.append) as watch:
        watch.PATIENCE = 3600.0
        _quarters(np.ones(3))
    assert watch.kernels == 1 and lines == []


@jitted
def test_threads_may_compile_the_same_kernel_at_once():
    @kernel
    def _add_one(values):
        for i in range(values.size):
            values[i] += 1

    arrays = [np.zeros(4) for _ in range(4)]
    threads = [threading.Thread(target=_add_one, args=(values,)) for values in arrays]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert np.array_equal(arrays, np.ones((4, 4)))


@jitted
def test_deleting_the_files_of_a_kernel(tmp_path, monkeypatch):
    monkeypatch.setattr(compilation, "_open_folder", [tmp_path])

    @kernel
    def _half(values):
        values[0] /= 2

    _half(np.ones(1))
    assert len(list(tmp_path.glob("*.kernel"))) == 1
    _half._cache.flush()
    assert list(tmp_path.glob("*.kernel")) == []
