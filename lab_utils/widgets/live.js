// The page's side of live_dialogue: records, plays, draws. What goes between page and kernel is told in live.py.

const BLOCK = 2048; // samples sent at a time: 43 ms at 48 kHz
const CUSHION = 0.12; // seconds between the arrival of sound and its playing; it grows when sound came too late
const LARGEST_CUSHION = 0.6;
const ROOM = 0.2; // seconds for which an answer rings on in the room, and the microphone stays off
const QUIET = 2.5; // seconds without anything, after which a phrase counts as answered
const WAITING = 3; // seconds of blocks not answered: the kernel is busy, and no more are sent

const TROUBLE = {
  NotAllowedError: "The browser refused the microphone. Allow it for this page and press again, or choose a phrase below.",
  NotFoundError: "No microphone was found. Plug one in and press again, or choose a phrase below.",
  NotReadableError: "Another program uses the microphone. Close that one and press again, or choose a phrase below.",
  insecure: "This page may not use a microphone: browsers allow it at localhost and over https only. Choose a phrase below.",
};
const DOING = { waiting: "Listening …", hearing: "Hearing you …", thinking: "Thinking …", playing: "Answering …" };

const RECORDER = `registerProcessor("lab-recorder", class extends AudioWorkletProcessor {
  constructor() { super(); this.kept = new Float32Array(${BLOCK}); this.count = 0; }
  process([channels]) {
    const frames = 128, many = channels.length; // no channels: nothing is connected or sounds, which is silence
    for (let i = 0; i < frames; i++) {
      let sum = 0;
      for (let c = 0; c < many; c++) sum += channels[c][i];
      this.kept[this.count++] = many ? sum / many : 0;
      if (this.count === ${BLOCK}) {
        this.port.postMessage(this.kept, [this.kept.buffer]);
        this.kept = new Float32Array(${BLOCK});
        this.count = 0;
      }
    }
    return true;
  }
});`;

/** Return a node that hands what reaches it to `take` in blocks; an older way where the page is not secure. */
async function makeRecorder(context, take) {
  let node;
  if (context.audioWorklet) {
    const address = URL.createObjectURL(new Blob([RECORDER], { type: "text/javascript" }));
    await context.audioWorklet.addModule(address);
    URL.revokeObjectURL(address);
    node = new AudioWorkletNode(context, "lab-recorder");
    node.port.onmessage = (event) => take(event.data);
  } else {
    node = context.createScriptProcessor(BLOCK, 1, 1);
    node.onaudioprocess = (event) => take(event.inputBuffer.getChannelData(0).slice());
  }
  const silent = new GainNode(context, { gain: 0 }); // a node that leads nowhere might not be run
  node.connect(silent).connect(context.destination);
  return node;
}

/** Sound in and out: the microphone or a phrase, in blocks to `send`, and blocks that come back, in time. */
class Sound {
  constructor(send, onBlock) {
    Object.assign(this, { send, onBlock, cushion: CUSHION, headphones: false, sent: 0 });
    Object.assign(this, { context: null, opening: null, recorder: null, microphone: null });
  }

  open() {
    return (this.opening ??= this.start());
  }

  async start() {
    this.context = new AudioContext({ latencyHint: "interactive" });
    await this.context.resume();
    Object.assign(this, { before: this.sent, back: this.sent, sources: 0 });
    Object.assign(this, { end: 0, audible: 0, lastSound: this.context.currentTime });
    this.send({ kind: "start", rate: this.context.sampleRate });
    this.recorder = await makeRecorder(this.context, (block) => this.take(block));
  }

  async listen() {
    if (!navigator.mediaDevices?.getUserMedia) throw { name: "insecure" };
    const audio = { echoCancellation: !this.headphones, noiseSuppression: false, autoGainControl: false };
    const stream = await navigator.mediaDevices.getUserMedia({ audio });
    this.microphone = { stream, gate: null };
    await this.open();
    this.microphone.gate = new GainNode(this.context);
    this.context.createMediaStreamSource(stream).connect(this.microphone.gate).connect(this.recorder);
  }

  /** Play `buffer` to the loudspeaker and to the kernel, as if someone played it. */
  async sing(buffer) {
    await this.open();
    const source = new AudioBufferSourceNode(this.context, { buffer });
    source.connect(this.recorder);
    source.connect(this.context.destination);
    this.sources += 1;
    source.onended = () => { this.sources -= 1; };
    source.start();
  }

  take(block) {
    if (!this.context) return;
    const now = this.context.currentTime;
    if (this.microphone?.gate) this.microphone.gate.gain.value = !this.headphones && now < this.audible + ROOM ? 0 : 1;
    const level = block.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    if (level > 1e-3) this.lastSound = now;
    const busy = (this.sent - this.back) * BLOCK > WAITING * this.context.sampleRate;
    if (!busy) this.send({ kind: "block", number: ++this.sent }, [block.buffer]);
    this.onBlock(level, busy);
  }

  /** Put sound that came back behind what sounds; silence of a length keeps the time. */
  play(number, samples, length) {
    if (!this.context || number <= this.before) return; // of a stream that was stopped
    this.back = number;
    const { currentTime: now, sampleRate } = this.context;
    if (this.end < now) {
      if (!samples.length) return;
      if (now - this.audible < 0.5 && this.audible) this.cushion = Math.min(1.5 * this.cushion, LARGEST_CUSHION); // it was late
      this.end = now + this.cushion;
    }
    if (samples.length) {
      const buffer = new AudioBuffer({ length: samples.length, sampleRate });
      buffer.copyToChannel(samples, 0);
      const source = new AudioBufferSourceNode(this.context, { buffer });
      source.connect(this.context.destination);
      source.start(this.end);
      this.audible = this.end + buffer.duration;
      this.lastSound = Math.max(this.lastSound, this.audible);
    }
    this.end += length / sampleRate;
  }

  /** Whether an answer sounds now: the kernel is ahead of what is heard. */
  get sounding() {
    return Boolean(this.context) && this.context.currentTime < this.audible;
  }

  /** Whether there is no microphone, and nothing sounds or has sounded for a while. */
  get idle() {
    return Boolean(this.context) && !this.microphone && !this.sources && this.context.currentTime > this.lastSound + QUIET;
  }

  close() {
    this.microphone?.stream.getTracks().forEach((track) => track.stop());
    if (this.context) {
      this.send({ kind: "stop" });
      this.context.close();
    }
    this.context = this.opening = this.microphone = this.recorder = null;
  }
}

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

function shape(tag, attributes) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

/** A piano roll of a turn: what was heard, a line, what was answered. */
function drawRoll({ heard, answered }) {
  const split = Math.max(...heard.map((row) => row[1])) + 0.25;
  const rows = [...heard.map((row) => [...row, "heard"]), ...answered.map(([a, b, p]) => [a + split, b + split, p, "answered"])];
  const pitches = rows.map((row) => row[2]);
  const [low, high] = [Math.min(...pitches) - 2, Math.max(...pitches) + 2];
  const [across, up] = [640 / (Math.max(...rows.map((row) => row[1])) + 0.1), 110 / (high - low + 1)];
  const roll = shape("svg", { viewBox: "0 0 640 110", preserveAspectRatio: "none", role: "img", "aria-label": "piano roll" });
  const middle = (split - 0.125) * across;
  roll.append(shape("line", { x1: middle, x2: middle, y1: 0, y2: 110, stroke: "#8888", "stroke-dasharray": "4 4" }));
  for (const [start, end, pitch, who] of rows) {
    const box = { x: start * across, width: Math.max((end - start) * across - 1, 1), y: (high - pitch) * up, height: 0.86 * up };
    roll.append(shape("rect", { ...box, class: `lab-live-${who}` }));
  }
  return roll;
}

function drawTurn(turn) {
  const words = (who, names) => element("span", { className: `lab-live-${who}` }, element("b", {}, `${who} `), names);
  const told = element("div", { className: "lab-live-row" }, words("heard", turn.heardNames));
  if (turn.answered.length) told.append(words("answered", turn.answeredNames));
  told.append(element("span", { className: "lab-live-faint" }, `ready after ${turn.latency} ms`));
  return element("div", { className: "lab-live-turn" }, told, drawRoll(turn));
}

function samplesOf(view) {
  return new Float32Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength)); // a copy: it may not be aligned
}

function render({ model, el }) {
  const listen = element("button", { textContent: "Listen to the microphone" });
  const stop = element("button", { textContent: "Stop", disabled: true });
  const level = element("meter", { min: 0, max: 1, low: 0.1, title: "level" });
  const headphones = element("input", { type: "checkbox" });
  const status = element("div", { className: "lab-live-status" });
  status.setAttribute("role", "status");
  const phrases = element("select", { ariaLabel: "phrase" }, ...model.get("phrases").map((name) => element("option", {}, name)));
  const sing = element("button", { textContent: "Play the phrase" });
  const file = element("input", { type: "file", accept: "audio/*,.wav", ariaLabel: "sound file" });
  const turns = element("div");
  const row = (...children) => element("div", { className: "lab-live-row" }, ...children);
  el.append(element("div", { className: "lab-live" },
    row(listen, stop, level, element("label", {}, headphones, " I wear headphones")), status,
    row("without a microphone:", phrases, sing, element("label", {}, "or a sound file ", file)), turns));

  const tell = (text, kind = "") => { status.textContent = text; status.dataset.kind = kind; };
  const send = (content, buffers) => model.send(content, undefined, buffers);
  const runs = (on) => { stop.disabled = !on; listen.disabled = Boolean(sound.microphone); };

  const sound = new Sound(send, (loudest, busy) => {
    level.value = Math.max(0, 1 + (20 * Math.log10(loudest + 1e-6)) / 60); // from −60 dB to full scale
    if (busy) tell("The kernel does not answer: it is busy with another cell, or was stopped.", "trouble");
    else if (sound.idle) finish("Answered. Once more?");
  });
  const finish = (text, kind) => { sound.close(); level.value = 0; runs(false); tell(text, kind); };
  const attempt = async (what, words) => {
    try {
      await what();
      runs(true);
      tell(words);
    } catch (error) {
      if (!sound.recorder) sound.close();
      runs(Boolean(sound.context));
      tell(TROUBLE[error.name] ?? `The sound could not be started: ${error.message ?? error}.`, "trouble");
    }
  };

  listen.onclick = () => { tell("Waiting for leave to use the microphone …"); attempt(() => sound.listen(), "Listening …"); };
  stop.onclick = () => finish("Stopped.");
  headphones.onchange = () => { sound.headphones = headphones.checked; };
  sing.onclick = () => { tell("The synthesizer gets ready …"); send({ kind: "phrase", name: phrases.value }); };
  file.onchange = async () => {
    const [chosen] = file.files;
    if (!chosen) return;
    try {
      const bytes = await chosen.arrayBuffer();
      await sound.open();
      const buffer = await sound.context.decodeAudioData(bytes);
      attempt(() => sound.sing(buffer), `Playing ${chosen.name} …`);
    } catch {
      finish(`${chosen.name} is no sound that this browser reads; choose WAV, FLAC or MP3.`, "trouble");
    }
    file.value = "";
  };

  const receive = (content, buffers) => {
    if (content.kind === "error") finish(content.text, "trouble");
    if (content.kind === "block" && sound.context) {
      sound.play(content.number, buffers.length ? samplesOf(buffers[0]) : [], content.length);
      const state = sound.sounding ? "playing" : content.state === "playing" ? "thinking" : content.state;
      const words = sound.sources || (state === "waiting" && !sound.microphone) ? "" : DOING[state];
      if (words) tell(words); // a phrase that is played has its own
    }
    if (content.kind === "phrase") {
      const samples = samplesOf(buffers[0]);
      const buffer = new AudioBuffer({ length: samples.length, sampleRate: content.rate });
      buffer.copyToChannel(samples, 0);
      attempt(() => sound.sing(buffer), `Playing ${content.name} …`);
    }
  };
  const redraw = () => turns.replaceChildren(...model.get("turns").map(drawTurn).reverse());

  model.on("msg:custom", receive);
  model.on("change:turns", redraw);
  redraw();
  tell("Sing, whistle or play a phrase; when you pause, it is answered.");
  return () => { sound.close(); model.off("msg:custom", receive); model.off("change:turns", redraw); };
}

export default { render };
