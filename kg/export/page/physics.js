// Physics for the few nodes that a person drags or opens; all others stand still.

const MOST_LOOSE = 150;
const SETTLE = 1500; // milliseconds

const loose = new Set();
let settled = null; // timer
const springs = new vis.DataSet(); // edges for the physics alone: `draw.js` draws them

/** Let nodes move, tied by edges. */
function letLoose(list, ties) {
  holdStill();
  for (const i of list) loose.add(i);
  springs.add(ties.map((e) => ({ id: e, from: edges[e].from, to: edges[e].to, hidden: true })));
  dots.update(list.map((id) => ({ id, physics: true })));
  network.startSimulation();
}

/** Nodes stay where they have come to. */
function holdStill() {
  clearTimeout(settled);
  if (!loose.size) return;
  followLoose();
  dots.update([...loose].map((id) => ({ id, physics: false, fixed: false, x: X[id], y: Y[id] })));
  springs.clear();
  loose.clear();
}

function followLoose() {
  if (!loose.size) return;
  const places = network.getPositions([...loose]);
  for (const i of loose) if (places[i]) [X[i], Y[i]] = [places[i].x, places[i].y];
}

function holdStillSoon(then) {
  clearTimeout(settled);
  settled = setTimeout(() => {
    holdStill();
    network.redraw();
    then?.();
  }, SETTLE);
}

/** What a dragged node takes along: those that hang on it alone, or in a neighbourhood all that hangs on it. */
function takeAlong(i) {
  const alone = (other) => neighbours(other).every(([, next]) => next === i);
  const ties = neighbours(i).filter(([, other]) => other !== i && (state.only || alone(other))).slice(0, MOST_LOOSE);
  letLoose([i, ...new Set(ties.map(([, other]) => other))], ties.map(([e]) => e));
}

/** A dragged node stays where it is dropped, and what it took along settles around it. */
function drop(i) {
  dots.update({ id: i, fixed: true });
  holdStillSoon();
}

// Where nodes stood before a neighbourhood was opened.
let home = null;

/** Gather nodes around one, the most important the nearest: as the seeds of a sunflower, so that none covers another. */
function gather(centre, list) {
  home ??= [X.slice(), Y.slice()];
  const wide = Math.max(...[...list].map((i) => nodes[i].size), 20) + 25;
  byImportance.filter((i) => list.has(i)).forEach((i, k) => {
    const [angle, reach] = [2.39996 * k, nodes[centre].size + wide * Math.sqrt(k + 1)];
    X[i] = X[centre] + reach * Math.cos(angle);
    Y[i] = Y[centre] + reach * Math.sin(angle);
  });
  dots.update([...list].map((id) => ({ id, x: X[id], y: Y[id] })));
}

/** Let what is shown of a neighbourhood find its places, if it is not too much. */
function bringTogether(then) {
  const list = nodes.map((_, i) => i).filter((i) => shownNodes[i]);
  if (list.length > MOST_LOOSE) return;
  letLoose(list, edges.map((_, e) => e).filter((e) => shownEdges[e] && edges[e].from !== edges[e].to));
  holdStillSoon(then);
}

/** All nodes back to where they stood. */
function sendHome() {
  holdStill();
  if (!home) return;
  const away = nodes.map((_, i) => i).filter((i) => X[i] !== home[0][i] || Y[i] !== home[1][i]);
  for (const i of away) [X[i], Y[i]] = [home[0][i], home[1][i]];
  home = null;
  dots.update(away.map((id) => ({ id, x: X[id], y: Y[id] })));
}
