// What is drawn beside vis-network's nodes: islands, edges, names, and what is lit above a veil.
//
// vis-network draws each edge and each name by itself, which for some ten thousand takes seconds. Here edges of a type are
// one path, and names are written for as many nodes as there is room for.

const MOST_NAMES = 140;
const MOST_APART = 300; // lit nodes that no name is written over
const MOST_BETWEEN = 1500; // edges between islands that are drawn while no node is chosen: the strongest
const MOST_MOVING = 6000; // edges that are drawn while the view moves

// Shapes as polygons around (0, 0) with size 1, as vis-network 9.1 draws them; a dot has none.
const turns = (count, reach, dy = 0) =>
  Array.from({ length: count }, (_, k) => {
    const angle = (2 * Math.PI * k) / count;
    return [reach(k) * Math.sin(angle), dy - reach(k) * Math.cos(angle)];
  });
const TRIANGLE = [[0, -1.012], [1.15, 0.98], [-1.15, 0.98]];
const SHAPES = {
  square: [[-1, -1], [1, -1], [1, 1], [-1, 1]],
  diamond: [[0, 1], [1, 0], [0, -1], [-1, 0]],
  triangle: TRIANGLE,
  triangleDown: TRIANGLE.map(([x, y]) => [x, -y]),
  hexagon: turns(6, () => 1).map(([x, y]) => [y, x]),
  star: turns(10, (k) => 0.82 * (k % 2 ? 0.5 : 1.3), 0.082),
};

let colors = {}; // of the theme
let moving = false; // whether a person drags the view or a node
let zooming = false;
let lit = null; // {nodes: Set, edges: [e], ends: Set} above the veil
let inside = []; // by type: edges within islands
let between = []; // by type: edges between islands
let few = true; // shown edges, so that all are drawn while the view moves
let peopled = new Set(); // islands of which a node is shown

function readTheme() {
  const style = getComputedStyle(document.documentElement);
  const read = (name) => style.getPropertyValue(name).trim();
  colors = { ground: read('--ground'), text: read('--text'), muted: read('--muted'), island: read('--island'), edge: Number(read('--edge')) };
}

/** Sort the shown edges into what is drawn at once. */
function sortEdges() {
  inside = TYPES.map(() => []);
  between = TYPES.map(() => []);
  peopled = new Set(nodes.filter((_, i) => shownNodes[i]).map((node) => node.island));
  const far = [];
  let count = 0;
  edges.forEach((edge, e) => {
    if (!shownEdges[e]) return;
    count += 1;
    if (state.only || nodes[edge.from].island === nodes[edge.to].island) inside[edge.type].push(edge);
    else far.push(edge);
  });
  const strength = (edge) => Math.min(nodes[edge.from].size, nodes[edge.to].size);
  far.sort((a, b) => strength(b) - strength(a));
  for (const edge of far.slice(0, MOST_BETWEEN)) between[edge.type].push(edge);
  few = count <= MOST_MOVING;
}

/** The part of the plane that is seen. */
function seen() {
  const box = $('graph').getBoundingClientRect();
  const a = network.DOMtoCanvas({ x: 0, y: 0 });
  const b = network.DOMtoCanvas({ x: box.width, y: box.height });
  return { left: a.x, top: a.y, right: b.x, bottom: b.y };
}

function strokeAll(ctx, list, view) {
  ctx.beginPath();
  for (const { from, to } of list) {
    const x1 = X[from], y1 = Y[from], x2 = X[to], y2 = Y[to];
    if ((x1 < view.left && x2 < view.left) || (x1 > view.right && x2 > view.right)) continue;
    if ((y1 < view.top && y2 < view.top) || (y1 > view.bottom && y2 > view.bottom)) continue;
    ctx.moveTo(x1, y1);
    ctx.lineTo(x2, y2);
  }
  ctx.stroke();
}

function shape(ctx, i, size = nodes[i].size) {
  const points = SHAPES[LABELS[nodes[i].kind].shape];
  if (!points) {
    ctx.moveTo(X[i] + size, Y[i]);
    ctx.arc(X[i], Y[i], size, 0, 2 * Math.PI);
    return;
  }
  points.forEach(([x, y], k) => (k ? ctx.lineTo(X[i] + size * x, Y[i] + size * y) : ctx.moveTo(X[i] + size * x, Y[i] + size * y)));
  ctx.closePath();
}

/** Islands and edges, and simple nodes while vis-network's are not drawn. */
function drawBelow(ctx) {
  followLoose();
  const scale = network.getScale();
  const view = seen();
  if (!state.only) {
    ctx.fillStyle = colors.island;
    ctx.beginPath();
    for (const { number, x, y, radius } of page.islands) {
      if (!peopled.has(number)) continue;
      ctx.moveTo(x + radius, y);
      ctx.arc(x, y, radius, 0, 2 * Math.PI);
    }
    ctx.fill();
  }
  const width = Math.min(2, Math.max(0.6 / scale, 1));
  if (!(moving || zooming) || few) {
    ctx.lineWidth = width;
    TYPES.forEach((type, t) => {
      ctx.strokeStyle = type.color;
      ctx.globalAlpha = colors.edge;
      strokeAll(ctx, inside[t], view);
      ctx.globalAlpha = colors.edge / 5;
      if (!(moving || zooming)) strokeAll(ctx, between[t], view);
    });
    ctx.globalAlpha = 1;
  }
  if (!moving) return;
  LABELS.forEach((label, kind) => {
    ctx.fillStyle = label.color;
    ctx.beginPath();
    for (let i = 0; i < nodes.length; i += 1) {
      if (!shownNodes[i] || nodes[i].kind !== kind) continue;
      if (X[i] < view.left || X[i] > view.right || Y[i] < view.top || Y[i] > view.bottom) continue;
      const size = nodes[i].size;
      if (size * scale < 5) ctx.rect(X[i] - size * 0.8, Y[i] - size * 0.8, size * 1.6, size * 1.6);
      else shape(ctx, i);
    }
    ctx.fill();
  });
}

/** The veil with what is lit, and the names. */
function drawAbove(ctx) {
  const scale = network.getScale();
  const view = seen();
  if (lit) {
    ctx.globalAlpha = 0.84;
    ctx.fillStyle = colors.ground;
    ctx.fillRect(view.left, view.top, view.right - view.left, view.bottom - view.top);
    ctx.globalAlpha = 1;
    for (const e of lit.edges) arrow(ctx, edges[e], scale);
    for (const i of lit.nodes) {
      ctx.fillStyle = LABELS[nodes[i].kind].color;
      ctx.beginPath();
      shape(ctx, i);
      ctx.fill();
      if (!lit.ends.has(i)) continue;
      ctx.strokeStyle = colors.text;
      ctx.lineWidth = 2.5 / scale;
      ctx.beginPath();
      ctx.arc(X[i], Y[i], nodes[i].size + 4 / scale, 0, 2 * Math.PI);
      ctx.stroke();
    }
  }
  writeNames(ctx, scale, view);
}

function arrow(ctx, edge, scale) {
  const dx = X[edge.to] - X[edge.from];
  const dy = Y[edge.to] - Y[edge.from];
  const length = Math.hypot(dx, dy) || 1;
  const [ux, uy] = [dx / length, dy / length];
  const tip = length - nodes[edge.to].size;
  const head = 8 / scale;
  const [x, y] = [X[edge.from] + ux * tip, Y[edge.from] + uy * tip];
  ctx.strokeStyle = ctx.fillStyle = TYPES[edge.type].color;
  ctx.lineWidth = 1.4 / scale;
  ctx.beginPath();
  ctx.moveTo(X[edge.from], Y[edge.from]);
  ctx.lineTo(x, y);
  ctx.stroke();
  ctx.beginPath();
  ctx.moveTo(x, y);
  ctx.lineTo(x - head * (ux + uy * 0.45), y - head * (uy - ux * 0.45));
  ctx.lineTo(x - head * (ux - uy * 0.45), y - head * (uy + ux * 0.45));
  ctx.fill();
}

let names = []; // those of the last frame that stood still

/** Names by importance, as long as there is room; always of the same size on the screen. */
function writeNames(ctx, scale, view) {
  if (!moving && !zooming) names = placeNames(ctx, scale, view);
  ctx.save();
  ctx.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
  ctx.textAlign = 'center';
  ctx.lineJoin = 'round';
  ctx.lineWidth = 3;
  ctx.strokeStyle = colors.ground;
  for (const { text, font, x, y, dy, color } of names) {
    const [left, top] = [(x - view.left) * scale, (y - view.top) * scale + dy];
    ctx.font = font;
    if (!moving) ctx.strokeText(text, left, top);
    ctx.fillStyle = color;
    ctx.fillText(text, left, top);
  }
  ctx.restore();
}

const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif';

/** The boxes of the controls: [left, top, right, bottom]. */
function controls() {
  return ['find', 'notice', 'tools', 'legend', 'panel', 'time'].filter((id) => !$(id).hidden).map((id) => {
    const { left, top, right, bottom } = $(id).getBoundingClientRect();
    return [left, top, right, bottom];
  });
}

function placeNames(ctx, scale, view) {
  const taken = controls(); // boxes on the screen that no name may touch
  const placed = [];
  const place = (text, x, y, dy, size, weight, color, must = false) => {
    const font = `${weight} ${size}px ${FONT}`;
    ctx.font = font;
    const half = ctx.measureText(text).width / 2 + 2;
    const box = [(x - view.left) * scale - half, (y - view.top) * scale + dy - size, (x - view.left) * scale + half, (y - view.top) * scale + dy + 3];
    const whole = box[0] > 0 && box[2] < (view.right - view.left) * scale;
    const vacant = whole && taken.every((other) => box[2] < other[0] || box[0] > other[2] || box[3] < other[1] || box[1] > other[3]);
    if (!vacant && !must) return false;
    taken.push(box);
    placed.push({ text, font, x, y, dy, color });
    return true;
  };
  const inView = (i) => X[i] > view.left && X[i] < view.right && Y[i] > view.top && Y[i] < view.bottom;
  const name = (i, must) => {
    const size = nodes[i].size > 26 ? 14 : 12; // few sizes: a browser loads each anew
    const write = (dy) => place(short(nodes[i].name, isPaper(i) ? 34 : 26), X[i], Y[i], dy, size, must ? 650 : 400, colors.text, must);
    const room = nodes[i].size * scale + 1;
    if (!write(room + size)) write(-room - 3); // below, or above
  };
  const crowd = (lit ? [...lit.nodes] : state.only ? byImportance.filter((i) => shownNodes[i]) : []).filter(inView);
  if (crowd.length <= MOST_APART) {
    for (const i of crowd) {
      const [x, y, r] = [(X[i] - view.left) * scale, (Y[i] - view.top) * scale, nodes[i].size * scale];
      taken.push([x - r, y - r, x + r, y + r]);
    }
  }
  if (lit) for (const i of lit.ends) name(i, true);
  const told = new Set(); // names of islands, which need not be said twice
  if (!lit && !state.only) {
    for (const { number, x, y, radius, name: text } of page.islands) {
      const size = radius * scale > 60 ? 14 : 11;
      if (!text || !peopled.has(number) || radius * scale < 14 || radius * scale > 400) continue;
      if (place(short(text, 26), x, y - radius, size / 2, size, 650, colors.muted)) told.add(text);
    }
  }
  let tried = 0;
  for (const i of byImportance) {
    if (placed.length > MOST_NAMES || tried > 900) break;
    if (!shownNodes[i] || !inView(i) || (lit && (!lit.nodes.has(i) || lit.ends.has(i))) || told.has(nodes[i].name)) continue;
    if (!lit && !state.only && nodes[i].size * scale < 3.2) break;
    tried += 1;
    name(i, false);
  }
  return placed;
}
