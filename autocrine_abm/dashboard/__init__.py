"""The page in the browser: watch, steer and understand a tumor while it grows.

For users of Mesa's SolaraViz there is a component, `TissueView`, and `tissue_view` for one with options.
"""

__all__ = ["TissueView", "tissue_view"]


def __getattr__(name):
    """The component, imported when asked for: the command line uses parts of this package without Solara."""
    if name in __all__:
        from autocrine_abm.dashboard import component

        return getattr(component, name)
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
