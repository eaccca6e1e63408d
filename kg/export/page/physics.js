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
  const ties = around(i).filter(([, other]) => other !== i && (state.only || around(other).length === 1)).slice(0, MOST_LOOSE);
  letLoose([i, ...new Set(ties.map(([, other]) => other))], ties.map(([e]) => e));
}

/** A dragged node stays where it is dropped, and what it took along settles around it. */
function drop(i) {
  dots.update({ id: i, fixed: true });
  holdStillSoon();
}

/** Bring together what is shown of an opened neighbourhood. */
function bringTogether(then) {
  const list = nodes.map((_, i) => i).filter((i) => shownNodes[i]);
  if (list.length > MOST_LOOSE) return then();
  const ties = edges.map((_, e) => e).filter((e) => shownEdges[e] && edges[e].from !== edges[e].to);
  letLoose(list, ties);
  return holdStillSoon(then);
}

/** All nodes back to where the page placed them. */
function sendHome() {
  holdStill();
  const away = nodes.map((_, i) => i).filter((i) => X[i] !== nodes[i].x || Y[i] !== nodes[i].y);
  for (const i of away) [X[i], Y[i]] = [nodes[i].x, nodes[i].y];
  dots.update(away.map((id) => ({ id, x: X[id], y: Y[id] })));
}
