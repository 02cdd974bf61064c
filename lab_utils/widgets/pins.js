// The page's side of pin_roll: a piano roll of cells, pinned by a click or from the keyboard. What goes to the kernel is `pins`.

const NAMESPACE = "http://www.w3.org/2000/svg";
const CELL = 18, TALL = 12, LEFT = 34;
const NAMES = ["C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B"];
const BLACK = [1, 3, 6, 8, 10];
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

function shape(name, attributes, parent) {
  const made = document.createElementNS(NAMESPACE, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  parent.appendChild(made);
  return made;
}

const named = (pitch) => NAMES[pitch % 12] + (Math.floor(pitch / 12) - 1);

function render({ model, el }) {
  const columns = model.get("columns"), bar = model.get("bar"), low = model.get("low"), high = model.get("high");
  const width = LEFT + columns * CELL + 1, height = (high - low + 1) * TALL + 1;
  const across = (column) => LEFT + column * CELL;
  const down = (pitch) => (high - pitch) * TALL;
  const about = { viewBox: `0 0 ${width} ${height}`, tabindex: 0, role: "application", class: "lab-pins" };
  const roll = shape("svg", { ...about, "aria-label": "Piano roll: arrows move, the space bar pins a note" }, el);
  for (let pitch = high; pitch >= low; pitch--) {
    const kind = BLACK.includes(pitch % 12) ? "lab-pins-black" : "lab-pins-white";
    for (let column = 0; column < columns; column++) {
      const place = { x: across(column), y: down(pitch), width: CELL, height: TALL };
      shape("rect", { ...place, class: `lab-pins-cell ${kind}`, "data-column": column, "data-pitch": pitch }, roll);
    }
    if (!BLACK.includes(pitch % 12))
      shape("text", { x: LEFT - 4, y: down(pitch) + TALL - 2, class: "lab-pins-name" }, roll).textContent = named(pitch);
  }
  for (let column = 0; column <= columns; column += bar)
    shape("line", { x1: across(column), x2: across(column), y1: 0, y2: height, class: "lab-pins-bar" }, roll);
  const drawn = shape("g", { "pointer-events": "none" }, roll);
  let at = [0, Math.round((low + high) / 2)];

  function draw() {
    drawn.replaceChildren();
    for (const [start, length, pitch] of model.get("notes")) {
      const place = { x: across(start), y: down(pitch) + 1, width: length * CELL - 1, height: TALL - 2, rx: 2 };
      shape("rect", { ...place, class: "lab-pins-note" }, drawn);
    }
    for (const [column, pitch] of model.get("pins")) {
      const place = { x: across(column) + 1, y: down(pitch) + 1, width: CELL - 2, height: TALL - 2, rx: 2 };
      shape("rect", { ...place, class: "lab-pins-pin" }, drawn);
    }
    if (document.activeElement === roll)
      shape("rect", { x: across(at[0]), y: down(at[1]), width: CELL, height: TALL, class: "lab-pins-cursor" }, drawn);
  }

  /** Pin a cell, or take its pin out; a column holds one pin at most. */
  function toggle(column, pitch) {
    const others = model.get("pins").filter((pin) => pin[0] !== column);
    const there = model.get("pins").some((pin) => pin[0] === column && pin[1] === pitch);
    const pins = there ? others : [...others, [column, pitch]];
    model.set("pins", pins.sort((one, other) => one[0] - other[0]));
    model.save_changes();
  }

  function onClick(event) {
    const { column, pitch } = event.target.dataset;
    if (column === undefined) return;
    at = [Number(column), Number(pitch)];
    toggle(...at);
  }

  function onKey(event) {
    if (event.key in KEYS) {
      const [right, up] = KEYS[event.key];
      at = [Math.min(columns - 1, Math.max(0, at[0] + right)), Math.min(high, Math.max(low, at[1] + up))];
      draw();
    } else if (event.key === " " || event.key === "Enter") toggle(...at);
    else return;
    event.preventDefault();
    event.stopPropagation(); // JupyterLab has its own use for these keys
  }

  roll.addEventListener("click", onClick);
  roll.addEventListener("keydown", onKey);
  roll.addEventListener("focus", draw);
  roll.addEventListener("blur", draw);
  model.on("change:pins", draw);
  model.on("change:notes", draw);
  draw();
  return () => {
    model.off("change:pins", draw);
    model.off("change:notes", draw);
  };
}

export default { render };
