"""Going on with a run that was killed, interrupted or failed, so that its folder ends as if nothing had happened.

The newest checkpoint that can be read, and to which enough was recorded, gives the state; records beyond it are taken
back and made again. Without a checkpoint the run starts over from the scenario in its folder, which gives the same bytes,
only later.
"""

from pathlib import Path

from autocrine_abm.errors import RunFolderError
from autocrine_abm.output import layout
from autocrine_abm.output.checkpoint import PAUSE, Checkpoints, paths, read_checkpoint
from autocrine_abm.output.origins import SIGNALING, TOTALS
from autocrine_abm.output.record import Recorder, circumstances, conduct, stamp, steps_between

__all__ = ["resume_run"]

_NOTHING = dict.fromkeys((layout.SERIES, layout.FIELDS, layout.CELLS, SIGNALING, TOTALS), 0)


def resume_run(folder, *, threads=None, progress=None, stop=None, force=False, checkpoint_pause=PAUSE):
    """Continue the run in a folder to its end.

    Parameters
    ----------
    folder : path
        The run folder.
    threads : int, optional
        Threads to use; default as before. Results do not depend on it.
    progress, stop, checkpoint_pause
        As in `record_run`. Notices go to ``progress.notice(text)``.
    force : bool
        Whether to go on although the run seems to be under way, on a machine that cannot be asked from here.

    Returns
    -------
    TumorModel
        The model at the end. The folder is then, byte for byte, that of a run without interruption; only ``run.json``
        differs, in times and hosts, and in `resumed`, a list of when it was continued and from which step.

    Raises
    ------
    RunFolderError
        If there is no run to continue, or it is under way, or what is on disk cannot be gone on with.
    """
    from autocrine_abm.scenario.files import read

    folder = Path(folder)
    info = layout.read_info(folder)
    _refuse(folder, info, force)
    scenario = read(folder / layout.SCENARIO)
    last_step = info.get("last_step", scenario.run.n_steps)
    content, recorder, troubles = _newest(folder, scenario, last_step)
    notice = getattr(progress, "notice", lambda text: None)
    for trouble in troubles:
        notice(trouble)
    now = circumstances(scenario, info.get("threads") if threads is None else threads)
    for package, version in info.get("versions", {}).items():
        if now["versions"].get(package, version) != version:
            notice(f"{package} was {version} and is {now['versions'][package]}: later digits may differ from one sitting")
    step = content["step"] if content else 0
    notice(f"going on from step {step:,} of {last_step:,}" if content else "there is no checkpoint; starting over")
    sittings = [*info.get("resumed", []), {"step": step, "at": stamp()}]
    kept = {key: value for key, value in info.items() if key not in ("error", "checkpoint", "finished")}
    layout.write_info(folder, kept | {"status": "running"} | now | {"resumed": sittings})
    every = steps_between(scenario.record.checkpoint, scenario.run.behavior_step)
    checkpoints = Checkpoints(folder, every, checkpoint_pause, content["spent"] if content else 0.0)
    return conduct(
        scenario, recorder, checkpoints, now["threads"], progress, stop, content["model"] if content else None
    )


def _refuse(folder, info, force):
    """Say why a run cannot be continued, if so."""
    if info["status"] == "done":
        raise RunFolderError(f"{folder}: the run is complete, there is nothing left to do")
    if info["status"] == "running" and layout.process_is_alive(info) and not force:
        raise RunFolderError(
            f"{folder}: process {info.get('process')} on {info.get('host')} is still writing this run, as far as can be "
            "told from here; if you know that it is gone, go on with 'autocrine resume --force'"
        )
    if not (folder / layout.SCENARIO).is_file():
        raise RunFolderError(
            f"{folder}: has no {layout.SCENARIO}, since the run ended before it began; "
            "start it again with 'autocrine run' and --overwrite"
        )


def _newest(folder, scenario, last_step):
    """The newest checkpoint that can be gone on from, a recorder that does, and what is wrong with newer ones."""
    troubles = []
    for path in paths(folder):
        try:
            content = read_checkpoint(path)
            return content, Recorder(folder, scenario, last_step, content["records"]), troubles
        except RunFolderError as error:
            troubles.append(str(error))
    if troubles:
        raise RunFolderError(
            "\n".join(troubles)
            + f"\n{folder}: no checkpoint is left to go on from; to start over, remove the folder "
            f"{paths(folder)[0].parent} and resume again"
        )
    return None, Recorder(folder, scenario, last_step, _NOTHING), troubles
