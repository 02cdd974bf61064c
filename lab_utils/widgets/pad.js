// The page's side of latent_pad: a plane of dots and a knob, moved by the pointer or the arrow keys.

const NAMESPACE = "http://www.w3.org/2000/svg";
const WIDTH = 340, HEIGHT = 190, MARGIN = 18;
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function shape(name, attributes, parent) {
  const made = document.createElementNS(NAMESPACE, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  parent.appendChild(made);
  return made;
}

function label(kind, parent) {
  const made = document.createElement("span");
  made.className = `lab-pad-${kind}`;
  parent.appendChild(made);
  return made;
}

function render({ model, el }) {
  const box = document.createElement("div");
  box.className = "lab-pad";
  const labels = Object.fromEntries(["top", "left", "right", "bottom"].map((kind) => [kind, label(kind, box)]));
  const plane = shape("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, tabindex: 0, role: "application", class: "lab-pad-plane" }, box);
  const columns = model.get("columns"), rows = model.get("rows");
  const across = (column) => MARGIN + ((WIDTH - 2 * MARGIN) * column) / (columns - 1);
  const down = (row) => MARGIN + ((HEIGHT - 2 * MARGIN) * row) / (rows - 1);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      shape("circle", { cx: across(column), cy: down(row), r: 2.5, class: "lab-pad-dot" }, plane);
  const knob = shape("circle", { r: 10, class: "lab-pad-knob" }, plane);
  el.appendChild(box);

  let place = model.get("place"), held = false;
  const within = (value, count) => Math.min(count - 1, Math.max(0, value));

  function draw() {
    knob.setAttribute("cx", across(place[0]));
    knob.setAttribute("cy", down(place[1]));
    const told = model.get("labels");
    for (const kind in labels) labels[kind].textContent = told[kind];
    plane.setAttribute(
      "aria-label",
      `Pad from ${told.left} to ${told.right}, ${told.bottom} to ${told.top}: column ${place[0] + 1} of ${columns}, row ${place[1] + 1} of ${rows}`,
    );
  }

  function commit() {
    const [column, row] = model.get("place");
    if (place[0] === column && place[1] === row) return;
    model.set("place", [...place]);
    model.save_changes();
  }

  function follow(event) {
    const frame = plane.getBoundingClientRect();
    const x = ((event.clientX - frame.left) / frame.width) * WIDTH, y = ((event.clientY - frame.top) / frame.height) * HEIGHT;
    const column = Math.round(((x - MARGIN) / (WIDTH - 2 * MARGIN)) * (columns - 1));
    const row = Math.round(((y - MARGIN) / (HEIGHT - 2 * MARGIN)) * (rows - 1));
    place = [within(column, columns), within(row, rows)];
    draw();
  }

  plane.addEventListener("pointerdown", (event) => {
    held = true;
    plane.setPointerCapture(event.pointerId);
    plane.focus();
    follow(event);
  });
  plane.addEventListener("pointermove", (event) => held && follow(event));
  const release = () => {
    if (!held) return;
    held = false;
    commit();
  };
  plane.addEventListener("pointerup", release);
  plane.addEventListener("pointercancel", release);
  plane.addEventListener("keydown", (event) => {
    const step = KEYS[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation(); // a notebook would go to the next cell
    place = [within(place[0] + step[0], columns), within(place[1] + step[1], rows)];
    draw();
    commit();
  });

  const moved = () => {
    if (held) return;
    place = model.get("place");
    draw();
  };
  model.on("change:place", moved);
  model.on("change:labels", draw);
  draw();
  return () => {
    model.off("change:place", moved);
    model.off("change:labels", draw);
  };
}

export default { render };
