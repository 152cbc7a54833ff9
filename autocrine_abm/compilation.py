"""Compiled code: one decorator for every kernel, one folder on disk that keeps what was compiled.

A kernel is a module-level function of arrays and numbers. It is compiled once per machine, releases the
interpreter lock while it runs, and never starts threads of its own: a `Team` (team.py) calls it on slabs
instead.

What is compiled is kept in one small file per kernel and signature. The name of the file is a hash of all
that the machine code depends on: the bytecode of the kernel and of every function it calls, in whichever
module, the constants it reads, its argument types, the versions of Python, numpy and numba, and the
processor. Hence nothing outdated is ever loaded, and processes, versions and machines may share the folder.
The file opens with a checksum of the rest and appears in one move, so a file that was cut short, damaged or
not finished counts as not there, and is written anew.
"""

import builtins
import contextlib
import gc
import hashlib
import os
import pickle
import sys
import tempfile
import time
import types
from pathlib import Path

import llvmlite
import numba
import numpy as np
from numba.core import config, event, serialize
from numba.core.compiler import CompileResult
from numba.core.dispatcher import Dispatcher
from numba.core.extending import _Intrinsic

__all__ = ["CompilationWatch", "KernelFiles", "cache_folder", "kernel"]

FORGET_AFTER = 60 * 86_400  # s; files that no process has loaded for so long are deleted
VERSIONS = (sys.implementation.cache_tag, np.__version__, numba.__version__, llvmlite.__version__)
_PACKAGE = __name__.partition(".")[0] + "."
_FOREIGN = {"numba", "numpy", *sys.stdlib_module_names}  # modules whose code changes with VERSIONS only
_CHECKSUM = hashlib.sha256().digest_size  # bytes


def kernel(function):
    """Compile `function` to machine code, kept on disk, running without the interpreter lock.

    Division by zero gives inf or nan as in numpy. Set ``NUMBA_DISABLE_JIT=1`` to step through a kernel in
    Python; `function` is then returned as it is.

    Examples
    --------
    >>> @kernel
    ... def _double(values):
    ...     for i in range(values.size):
    ...         values[i] *= 2
    >>> values = np.array([1.0, 2.0])
    >>> _double(values)
    >>> values
    array([2., 4.])
    """
    # no wrapper for C callers, which nobody is: a tenth of the time of compiling
    compiled = numba.njit(nogil=True, error_model="numpy", no_cfunc_wrapper=True)(function)
    if isinstance(compiled, Dispatcher):
        compiled._cache = KernelFiles(compiled)  # what njit(cache=True) does, with numba's own files
    return compiled


def cache_folder():
    """The folder that keeps compiled kernels, a Path; None if no place on this machine can be written.

    ``AUTOCRINE_CACHE_DIR`` if it is set, else a folder below ``NUMBA_CACHE_DIR`` if that is set, else the
    user's cache (``XDG_CACHE_HOME`` or ``~/.cache`` on Linux), else a private folder for temporary files.
    Made if it is missing.
    """
    for folder in _places():
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            tempfile.TemporaryFile(dir=folder).close()
        except OSError:
            continue
        return folder
    return None


def _places():
    """Folders that may keep kernels, the preferred one first."""
    if own := os.environ.get("AUTOCRINE_CACHE_DIR"):
        yield Path(own)
    if config.CACHE_DIR:
        yield Path(config.CACHE_DIR) / "autocrine_abm"
    with contextlib.suppress(RuntimeError):  # a user without a home
        if sys.platform == "win32":
            user = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
        elif sys.platform == "darwin":
            user = Path.home() / "Library" / "Caches"
        else:
            user = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        yield Path(user) / "autocrine_abm" / "kernels"
    user = os.getuid() if hasattr(os, "getuid") else 0
    shared = Path(tempfile.gettempdir()) / f"autocrine_abm-{user}"
    if not shared.exists() or shared.stat().st_uid == user:  # code that others may have put there is not run
        yield shared


class KernelFiles:
    """The compiled versions of one kernel on disk; takes the part of numba's own cache in a dispatcher.

    Any trouble with a file costs time and nothing else: the kernel is compiled again.

    Parameters
    ----------
    dispatcher : numba dispatcher
        The kernel.
    """

    def __init__(self, dispatcher):
        self._dispatcher = dispatcher
        self._enabled = True

    @property
    def cache_path(self):
        """The folder, as text; None if there is none."""
        folder = _folder()
        return folder and str(folder)

    def enable(self):
        """Load and save from now on."""
        self._enabled = True

    def disable(self):
        """Neither load nor save from now on."""
        self._enabled = False

    def flush(self):
        """Delete all files of this kernel, whatever the signature."""
        folder = _folder()
        for path in folder.glob(f"{_title(self._dispatcher.py_func)}-*.kernel") if folder else ():
            path.unlink(missing_ok=True)

    def load_overload(self, signature, target_context):
        """The compiled result for `signature`, or None if it is not there, or damaged."""
        target_context.refresh()
        path = self._path(signature, target_context.codegen())
        if path is None:
            return None
        try:
            content = path.read_bytes()
        except OSError:
            return None
        checksum, body = content[:_CHECKSUM], content[_CHECKSUM:]
        if hashlib.sha256(body).digest() != checksum:
            return None
        try:
            result = CompileResult._rebuild(target_context, *pickle.loads(body))
            if time.time() - path.stat().st_mtime > FORGET_AFTER / 10:
                os.utime(path)
        except Exception:  # whatever a stranger's file holds, compiling mends it
            return None
        return result

    def save_overload(self, signature, result):
        """Write a compiled result, in one move. A full disk or the like is passed over in silence."""
        path = self._path(signature, result.codegen)
        if (
            path is None
            or any(not lifted.can_cache for lifted in result.lifted)
            or result.library.has_dynamic_globals
        ):
            return
        body = serialize.dumps(result._reduce())
        unfinished = None
        try:
            with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".unfinished", delete=False) as file:
                unfinished = file.name
                file.write(hashlib.sha256(body).digest() + body)
            os.replace(unfinished, path)
        except OSError:
            if unfinished:
                Path(unfinished).unlink(missing_ok=True)

    def _path(self, signature, codegen):
        folder = _folder() if self._enabled else None
        if folder is None:
            return None
        what = hashlib.sha256(repr((signature, codegen.magic_tuple(), _switches(), VERSIONS)).encode())
        _add_function(what, self._dispatcher, set())
        return folder / f"{_title(self._dispatcher.py_func)}-{what.hexdigest()[:32]}.kernel"


_open_folder = []


def _folder():
    """`cache_folder`, looked up once per process and swept of forgotten files."""
    if not _open_folder:
        _open_folder.append(cache_folder())
        _sweep(_open_folder[0])
    return _open_folder[0]


def _sweep(folder):
    """Delete kernels that nobody has loaded for long, and what killed processes left unfinished."""
    now = time.time()
    for path in (*folder.glob("*.kernel"), *folder.glob("*.unfinished")) if folder else ():
        with contextlib.suppress(OSError):  # another process may have been faster
            if now - path.stat().st_mtime > (FORGET_AFTER if path.suffix == ".kernel" else 86_400):
                path.unlink()


def _title(function):
    """Name of a function as it may stand in a file name."""
    name = f"{function.__module__.removeprefix(_PACKAGE)}.{function.__qualname__}"
    return "".join(letter if letter.isalnum() or letter in "._" else "_" for letter in name)


def _switches():
    """Settings of numba that change the code it makes."""
    return (
        config.OPT,
        config.BOUNDSCHECK,
        config.DEBUGINFO_DEFAULT,
        config.LOOP_VECTORIZE,
        config.SLP_VECTORIZE,
    )


def _add_function(what, function, seen):
    """Feed the hash `what` with all that the machine code of a function depends on, through every callee."""
    if isinstance(function, Dispatcher):
        what.update(repr(sorted(function.targetoptions.items())).encode())
        function = function.py_func
    if id(function) in seen:
        return
    seen.add(id(function))
    names = _add_code(what, function.__code__)
    what.update(repr(function.__defaults__).encode())
    for cell in function.__closure__ or ():
        _add_value(what, cell.cell_contents, names, seen)
    for name in sorted(names):
        if name in function.__globals__:
            what.update(name.encode())
            _add_value(what, function.__globals__[name], names, seen)


def _add_code(what, code):
    """Feed the hash with bytecode and constants; return the names of globals and attributes that it reads."""
    what.update(code.co_code + repr((code.co_names, code.co_freevars)).encode())
    names = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            names |= _add_code(what, constant)
        else:
            what.update(repr(constant).encode())
    return names


def _add_value(what, value, names, seen):
    """Feed the hash with a global that a kernel reads, which numba freezes into the machine code."""
    if isinstance(value, _Intrinsic):  # an operation given in the compiler's own language, by a function
        value = value._defn
    if isinstance(value, (Dispatcher, types.FunctionType)):
        inside = value.py_func if isinstance(value, Dispatcher) else value
        if str(inside.__module__).split(".")[0] in _FOREIGN:
            what.update(f"{inside.__module__}.{inside.__qualname__}".encode())
        else:
            _add_function(what, value, seen)
    elif isinstance(value, types.ModuleType):
        what.update(value.__name__.encode())
        if value.__name__.split(".")[0] not in _FOREIGN:
            for name in sorted(names & vars(value).keys()):
                _add_value(what, vars(value)[name], names, seen)
    elif isinstance(value, np.ndarray):
        what.update(repr((value.dtype, value.shape)).encode() + value.tobytes())
    elif isinstance(value, type) or getattr(builtins, getattr(value, "__name__", ""), None) is value:
        what.update(f"{value.__module__}.{value.__qualname__}".encode())
    else:
        what.update(repr(value).encode())


class _Pause(event.Listener):
    """Lets Python's garbage collector rest while a kernel compiles: it would go through all that the compiler
    holds again and again, which takes an eighth to a quarter of the time."""

    def __init__(self):
        self._depth, self._collects = 0, False

    def on_start(self, event):
        """A kernel, or one that it calls, begins to compile (under numba's lock, so one at a time)."""
        if self._depth == 0:
            self._collects = gc.isenabled()
            gc.disable()
        self._depth += 1

    def on_end(self, event):
        """It is compiled, or failed to."""
        self._depth -= 1
        if self._depth == 0 and self._collects:
            gc.enable()


event.register("numba:compile", _Pause())


class CompilationWatch(event.Listener):
    """Tells the user that kernels are being compiled, and how long it took; silent when nothing is compiled.

    Parameters
    ----------
    tell : callable
        Called with one line of text: as soon as it is clear that compiling takes more than a moment, and at
        the end.

    Attributes
    ----------
    kernels : int
        How many kernels (each with one signature) were compiled so far.
    seconds : float
        Time spent on it [s].

    Examples
    --------
    >>> with CompilationWatch(print) as watch:
    ...     pass
    >>> watch.kernels
    0
    """

    PATIENCE = 1.0  # s; a kernel or two that changed are not worth a line

    def __init__(self, tell):
        self._tell = tell
        self._told = False
        self._depth = 0
        self.kernels = 0
        self.seconds = 0.0

    def __enter__(self):
        folder = _folder()
        self._first_time = folder is None or next(folder.glob("*.kernel"), None) is None
        event.register("numba:compile", self)
        return self

    def __exit__(self, *exception):
        event.unregister("numba:compile", self)
        if self._told:
            self._tell(f"Compiled {self.kernels} kernels in {self.seconds:.1f} s; later runs start at once.")

    def on_start(self, event):
        """A kernel begins to compile (numba calls this under its lock, so one at a time)."""
        if not self._told and (self._first_time or self.seconds > self.PATIENCE):
            self._told = True
            self._tell("Compiling for this machine. This happens once and takes up to half a minute.")
        if self._depth == 0:
            self._start = time.perf_counter()
        self._depth += 1  # compiling a kernel may compile those it calls

    def on_end(self, event):
        """A kernel is compiled."""
        self._depth -= 1
        self.kernels += isinstance(event.data["dispatcher"]._cache, KernelFiles)  # not what numba adds to it
        if self._depth == 0:
            self.seconds += time.perf_counter() - self._start
