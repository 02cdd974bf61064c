"""nbgrader's settings. It reads them from the folder in which it is called: call it here."""

from pathlib import Path

c = get_config()  # noqa: F821  nbgrader hands it in

c.CourseDirectory.root = str(Path(__file__).resolve().parent)
c.CourseDirectory.course_id = "generating_music"
c.Execute.timeout = 60  # seconds a cell; an endless loop is stopped and the rest is graded
c.Execute.extra_arguments = ["--HistoryManager.hist_file=:memory:", "--IPKernelApp.log_level=40"]  # errors alone are told
c.OverwriteCells.add_missing_cells = True  # a deleted test comes back
c.ClearSolutions.code_stub = {"python": "# YOUR CODE HERE\nraise NotImplementedError()"}
