"""For pytest alone (`make test`): what nbval leaves out when it compares a notebook's stored outputs with fresh ones."""


def pytest_collectstart(collector):
    """Leave out warnings, which name files of this machine, and SVG, whose ids change from run to run."""
    if hasattr(collector, "skip_compare"):
        collector.skip_compare += ("stderr", "image/svg+xml")
