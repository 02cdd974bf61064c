"""The live dialogue with a microphone that is fed from a file, without one, and with one that is refused.

What the page plays is taken where it leaves the page: at the sources that it starts.
"""

import numpy as np
import pytest
from chromium import Browser

from lab_utils.files import write_sound

RATE = 48000
ECHO = """
import numpy as np
from lab_utils.score import Score, note_array
from lab_utils.widgets import live_dialogue

class Echo:
    '''Gives back what it heard, as soon as a quarter of a second is quiet.'''

    sample_rate = 22050

    def __init__(self):
        self.heard, self.reply, self.quiet, self.state = [], np.zeros(0, np.float32), 0, "waiting"

    def push(self, block):
        if len(block) and np.abs(block).max() > 0.05:
            self.heard.append(block)
            self.quiet, self.state = 0, "hearing"
        elif self.heard:
            self.quiet += len(block)
            if self.quiet > self.sample_rate // 4:
                self.reply, self.heard, self.state = np.concatenate(self.heard), [], "playing"
        made, self.reply = self.reply[: len(block)], self.reply[len(block) :]
        if self.state == "playing" and not len(self.reply):
            self.state = "waiting"
        return np.pad(made, (0, len(block) - len(made)))

live_dialogue(Echo(), phrases={"a G": Score(note_array([(0, 1.5, 67)]), programs=(73,))})
"""
LISTEN_IN = """
window.played = [];
const start = AudioBufferSourceNode.prototype.start;
AudioBufferSourceNode.prototype.start = function (when = 0) {
  window.played.push({ rate: this.buffer.sampleRate, samples: Array.from(this.buffer.getChannelData(0)) });
  return start.call(this, when);
};
"""
FAKE = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")


KEEP_WORDS = """() => {
    window.told = [];
    const status = document.querySelector('.lab-live-status');
    new MutationObserver(() => window.told.push(status.textContent)).observe(status, { childList: true });
}"""


def tone(hertz, seconds):
    return (0.4 * np.sin(2 * np.pi * hertz * np.arange(round(RATE * seconds)) / RATE)).astype(np.float32)


@pytest.fixture(scope="module")
def with_refusal(playwright, tmp_path_factory):
    """A browser with a microphone and nobody who allows its use."""
    with Browser(playwright, tmp_path_factory.mktemp("profile"), FAKE[1:]) as browser:
        browser.context.add_init_script(LISTEN_IN)
        yield browser


@pytest.fixture(scope="module")
def with_microphone(playwright, tmp_path_factory):
    """A browser whose microphone hears, once: silence, an A, a C♯, silence."""
    folder = tmp_path_factory.mktemp("microphone")
    silence = np.zeros(RATE // 2, np.float32)
    write_sound(
        np.concatenate([silence, tone(440, 0.6), tone(554.37, 0.6), *[silence] * 20]), folder / "sung.wav", sample_rate=RATE
    )
    flags = (*FAKE, f"--use-file-for-fake-audio-capture={folder / 'sung.wav'}%noloop")
    with Browser(playwright, folder / "profile", flags) as browser:
        browser.context.add_init_script(LISTEN_IN)
        yield browser


def played(notebook, *, seconds, first=0):
    """Wait until so much sound has left the page, from its source `first` on; return those sources: `rate` and `samples`."""
    sum_up = f"window.played.slice({first}).reduce((sum, one) => sum + one.samples.length / one.rate, 0)"
    return notebook.page.wait_for_function(f"() => {sum_up} >= {seconds} && window.played.slice({first})").json_value()


def told(notebook):
    """Return what the page has said, a set: some words do not stand long."""
    return set(notebook.page.evaluate("() => window.told"))


def strongest(samples, rate):
    """Return the strongest frequency of a sound in Hz."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return spectrum.argmax() * rate / len(samples)


def test_what_is_sung_into_the_microphone_comes_back(show, place, with_microphone):
    notebook = show(ECHO, browser=with_microphone)
    notebook.page.evaluate(KEEP_WORDS)
    notebook.click("Listen to the microphone")
    played(notebook, seconds=0.3)
    notebook.photograph(f"live_answering_{place}")
    blocks = played(notebook, seconds=1.1)
    rate, samples = blocks[0]["rate"], np.concatenate([block["samples"] for block in blocks])
    assert strongest(samples[: rate // 3], rate) == pytest.approx(440, abs=6)
    assert strongest(samples[-rate // 3 :], rate) == pytest.approx(554, abs=6)
    assert 0.2 < np.abs(samples).max() < 0.6
    notebook.wait_for_text("Listening")
    assert {"Hearing you …", "Answering …"} <= told(notebook)
    notebook.click("Stop")
    notebook.wait_for_text("Stopped.")
    assert notebook.outside == []


IN_LAB = pytest.mark.parametrize("place", ["lab"], indirect=True)


@IN_LAB
def test_the_melody_model_answers_what_it_hears(show, place, with_microphone):
    notebook = show("from lab_utils.widgets import live_dialogue\nlive_dialogue()", browser=with_microphone)
    notebook.click("Listen to the microphone")
    notebook.wait_for_text("A4 C♯5")
    notebook.wait_for_text("answered")
    blocks = played(notebook, seconds=0.9)
    notebook.photograph("live_answered")
    assert max(max(block["samples"]) for block in blocks) > 0.05
    assert notebook.page.locator("rect.lab-live-heard").count() == 2
    assert notebook.page.locator("rect.lab-live-answered").count() >= 1


@IN_LAB
def test_a_dialogue_that_does_not_keep_up_is_told_until_it_does(show, place, with_microphone):
    sleeps_once = ECHO.replace("self.heard.append(block)", "self.heard or __import__('time').sleep(5); self.heard.append(block)")
    notebook = show(sleeps_once, browser=with_microphone)
    notebook.click("Listen to the microphone")
    notebook.wait_for_text("The kernel does not answer: it is busy")
    played(notebook, seconds=0.3)
    notebook.wait_for_text("Listening")


@IN_LAB
def test_a_refused_microphone_is_told_and_a_phrase_or_a_file_takes_its_place(show, place, with_refusal, tmp_path):
    notebook = show(ECHO, browser=with_refusal)
    notebook.click("Listen to the microphone")
    notebook.wait_for_text("The browser refused the microphone. Allow it for this page")
    notebook.photograph("live_refused")
    a_phrase_is_echoed(notebook)
    notebook.photograph("live_phrase")
    notebook.wait_for_text("Answered.")  # nothing has sounded for a while: it stops by itself

    write_sound(tone(660, 0.5), tmp_path / "sung.wav", sample_rate=RATE)
    notebook.page.evaluate("() => { window.played = []; }")
    notebook.page.get_by_label("sound file").set_input_files(tmp_path / "sung.wav")
    echo = played(notebook, seconds=0.45, first=1)  # after the file itself
    assert strongest(np.concatenate([block["samples"] for block in echo]), echo[0]["rate"]) == pytest.approx(660, abs=6)

    (tmp_path / "words.wav").write_text("no sound")
    notebook.page.get_by_label("sound file").set_input_files(tmp_path / "words.wav")
    notebook.wait_for_text("words.wav is no sound that this browser reads")


@IN_LAB
def test_without_a_microphone_and_in_a_page_without_worklets(show, place):
    notebook = show(ECHO)
    notebook.page.evaluate(f"() => {{ {LISTEN_IN} }}")
    notebook.page.evaluate("() => Object.defineProperty(BaseAudioContext.prototype, 'audioWorklet', { value: undefined })")
    notebook.click("Listen to the microphone")
    notebook.wait_for_text("No microphone was found.")
    a_phrase_is_echoed(notebook)


def a_phrase_is_echoed(notebook):
    """Have the phrase sung, and wait for most of its echo: a G."""
    notebook.page.evaluate(KEEP_WORDS)
    notebook.click("Play the phrase")
    echo = played(notebook, seconds=0.7, first=1)
    assert "Playing a G …" in told(notebook)
    assert strongest(np.concatenate([block["samples"] for block in echo]), echo[0]["rate"]) == pytest.approx(392, abs=6)
