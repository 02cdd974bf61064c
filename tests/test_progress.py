"""The progress bar counts, leaves nothing behind, and is silent where nobody looks."""

from lab_utils import progress


class _Terminal:
    def __init__(self):
        self.written = ""

    def write(self, text):
        self.written += text

    def flush(self):
        pass

    def isatty(self):
        return True


def test_it_hands_on_every_step():
    assert list(progress.bar(range(5), show=False)) == [0, 1, 2, 3, 4]


def test_it_is_silent_where_the_error_stream_is_no_terminal(capsys):
    list(progress.bar(range(5), title="counting"))
    assert capsys.readouterr().err == ""


def test_it_shows_title_and_count_in_a_terminal_and_clears_its_line(monkeypatch):
    terminal = _Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    list(progress.bar(range(5), title="counting"))
    assert "counting" in terminal.written and "/5" in terminal.written
    assert terminal.written.split("\r")[-2].strip() == ""  # the last thing drawn is an empty line


def test_a_line_is_told_unless_it_is_hidden_or_would_be_stored_in_a_notebook(capsys, monkeypatch):
    progress.tell("here")
    progress.tell("hidden", show=False)
    monkeypatch.setattr(progress, "_in_notebook", lambda: True)
    progress.tell("stored")
    assert capsys.readouterr().err == "here\n"
