// The network, and what a person does with it.

const CALM = matchMedia('(prefers-reduced-motion: reduce)').matches || nodes.length > 4000;

// The island stays here: a `group` tells vis-network the colour and the shape.
const dots = new vis.DataSet(nodes.map(({ id, x, y, size, group }) => ({ id, x, y, size, group })));
const dotsShown = new vis.DataView(dots, { filter: ({ id }) => Boolean(shownNodes[id]) });
let picking = null; // the node from which a path is asked

readAddress();
decide();
const network = new vis.Network($('graph'), { nodes: dotsShown, edges: springs }, data.options);
window.network = network;

// ---- what changes the view

/** Show the state. `step`: the browser's back button returns to what was before. */
function update({ step = false } = {}) {
  decide();
  dotsShown.refresh();
  show();
  writeAddress(step);
  network.redraw();
}

/** What is shown and lit; what is hidden now cannot be chosen any more. */
function decide() {
  decideShown();
  if (state.chosen !== null && !shownNodes[state.chosen]) state.chosen = null;
  if (state.path?.some((i) => !shownNodes[i])) state.path = null;
  if (picking !== null && !shownNodes[picking]) picking = null;
  sortEdges();
  light();
}

function show() {
  showPanel();
  $('all').hidden = !state.only;
  if (narrow() && !$('panel').hidden) openLegend(false);
  showLegend();
  showTime();
  showNotice();
}

/** What stands above the veil: a path, or a node with its neighbours. */
function light() {
  lit = null;
  if (state.path) {
    const path = shortestPath(...state.path) || [];
    lit = { edges: path, nodes: new Set([...state.path, ...path.flatMap((e) => [edges[e].from, edges[e].to])]), ends: new Set(state.path) };
  } else if (state.chosen !== null) {
    const near = neighbours(state.chosen);
    lit = { edges: near.map(([e]) => e), nodes: new Set([state.chosen, ...near.map(([, i]) => i)]), ends: new Set([state.chosen]) };
  }
}

function showNotice() {
  const text = picking === null ? page.notice : `Path from ${short(nodes[picking].name, 40)}: choose the other end, in the graph or by search.`;
  $('notice').hidden = !text;
  $('notice').textContent = text;
}

function choose(i, { fly = false } = {}) {
  if (!shownNodes[i]) reveal(i);
  if (picking !== null && picking !== i) {
    state.path = [picking, i];
    state.chosen = null;
  } else {
    state.path = null;
    state.chosen = i;
  }
  picking = null;
  update({ step: true });
  $('tip').hidden = true;
  if (state.path) fit([...lit.nodes]);
  else if (fly) flyTo(i);
  else if (!isFree(i)) look(X[i], Y[i], network.getScale());
}

/** Take back what hides a node, and nothing else. */
function reveal(i) {
  const steps = [
    () => state.hidden.delete(LABELS[nodes[i].kind].name),
    () => { state.from = state.to = null; },
    () => { state.only = null; sendHome(); },
  ];
  for (const step of steps) {
    step();
    decideShown();
    if (shownNodes[i]) return;
  }
}

function pick(i) {
  picking = i;
  showNotice();
  $('search').focus();
}

/** Open a node's neighbourhood, alone or beside those that are open; or close it. */
function expand(i) {
  const before = state.only ? shownNodes.slice() : new Uint8Array(nodes.length);
  holdStill();
  if (state.only?.has(i)) {
    state.only.delete(i);
    if (!state.only.size) return leaveOnly();
  } else {
    state.only = new Set([...(state.only || []), i]);
  }
  state.path = null;
  state.chosen = i;
  update({ step: true });
  return arrange(i, before);
}

/** Place what a neighbourhood shows: what was not there `before` comes around a node. */
function arrange(centre, before = new Uint8Array(nodes.length)) {
  gather(centre, new Set(byImportance.filter((i) => shownNodes[i] && !before[i] && i !== centre)));
  fit();
  bringTogether(() => fit());
}

function leaveOnly() {
  state.only = null;
  sendHome();
  update({ step: true });
  arrive();
}

/** Look at what the state is about. */
function arrive() {
  if (state.only) arrange([...state.only][0]);
  else if (state.path) fit([...lit.nodes]);
  else if (state.chosen !== null) flyTo(state.chosen);
  else fit();
}

/** Close the panel. */
function close() {
  picking = null;
  back();
}

/** One step back: out of a question, of a choice, of a neighbourhood. */
function back() {
  if (picking !== null) picking = null;
  else if (state.path || state.chosen !== null) state.path = state.chosen = null;
  else if (state.only) return leaveOnly();
  return update({ step: true });
}

// ---- where one looks

const narrow = () => innerWidth <= 700;

/** What the controls leave free of the graph, in pixels. */
function free() {
  const box = $('graph').getBoundingClientRect();
  const seenOf = (id) => ($(id).hidden ? null : $(id).getBoundingClientRect());
  const wide = !narrow();
  const [legend, panel, time, bar] = ['legend', 'panel', 'time', 'bar'].map(seenOf);
  return {
    left: wide && legend ? legend.right : 0,
    right: wide && panel ? panel.left : box.width,
    top: bar.bottom,
    bottom: !wide && panel ? panel.top : time ? time.top : box.height,
    width: box.width,
    height: box.height,
  };
}

/** Whether a node stands where no control covers it. */
function isFree(i) {
  const { left, right, top, bottom } = free();
  const { x, y } = network.canvasToDOM({ x: X[i], y: Y[i] });
  return x > left && x < right && y > top && y < bottom;
}

let calm = true; // no animation until the page stands
function look(x, y, scale) {
  const { left, right, top, bottom, width, height } = free();
  const offset = { x: (left + right - width) / 2, y: (top + bottom - height) / 2 };
  network.moveTo({ position: { x, y }, scale, offset, animation: calm || CALM ? false : { duration: 350, easingFunction: 'easeInOutQuad' } });
}

function flyTo(i) {
  look(X[i], Y[i], Math.min(1.6, Math.max(network.getScale(), 0.7)));
}

/** Bring nodes into view: all that are shown, if none are given. */
function fit(list = nodes.map((_, i) => i).filter((i) => shownNodes[i])) {
  if (!list.length) return;
  const bounds = [Infinity, Infinity, -Infinity, -Infinity];
  for (const i of list) {
    const room = nodes[i].size + 12;
    bounds[0] = Math.min(bounds[0], X[i] - room);
    bounds[1] = Math.min(bounds[1], Y[i] - room);
    bounds[2] = Math.max(bounds[2], X[i] + room);
    bounds[3] = Math.max(bounds[3], Y[i] + room);
  }
  const { left, right, top, bottom } = free();
  const names = Math.min(150, (right - left) / 9); // room for those at the sides
  const scale = Math.min((right - left - names) / (bounds[2] - bounds[0]), (bottom - top - 40) / (bounds[3] - bounds[1]));
  look((bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2, Math.min(1.6, Math.max(scale, 0.01)));
}

/** To the neighbour that lies most in a direction, or the view itself. */
function go(dx, dy) {
  if (state.chosen === null) {
    const { x, y } = network.getViewPosition();
    const step = 120 / network.getScale();
    network.moveTo({ position: { x: x + dx * step, y: y + dy * step } });
    return;
  }
  const i = state.chosen;
  const score = (other) => {
    const [ax, ay] = [X[other] - X[i], Y[other] - Y[i]];
    const length = Math.hypot(ax, ay) || 1;
    const along = (ax * dx + ay * dy) / length;
    return along > 0.5 ? along / length ** 0.3 : -1;
  };
  const best = neighbours(i).map(([, other]) => other).filter((other) => other !== i)
    .reduce((a, b) => (a === null || score(b) > score(a) ? b : a), null);
  if (best !== null && score(best) > 0) choose(best, { fly: true });
}

function setTheme(theme) {
  state.theme = theme;
  document.documentElement.dataset.theme = theme;
  $('theme').textContent = { auto: 'Auto', light: 'Light', dark: 'Dark', contrast: 'Contrast' }[theme];
  $('theme').setAttribute('aria-label', `Theme: ${$('theme').textContent}`);
  readTheme();
}

// ---- events

network.on('beforeDrawing', drawBelow);
network.on('afterDrawing', drawAbove);
network.on('click', ({ nodes: [i] }) => {
  $('search').blur();
  if (i !== undefined) choose(i);
  else if (state.chosen !== null || state.path || picking !== null) back();
});
let still = null; // timer
network.on('zoom', () => {
  zooming = true;
  clearTimeout(still);
  still = setTimeout(() => { zooming = false; network.redraw(); }, 200);
});
network.on('doubleClick', ({ nodes: [i] }) => { if (i !== undefined) expand(i); });
network.on('dragStart', ({ nodes: [i] }) => {
  moving = true;
  $('tip').hidden = true;
  if (i !== undefined) takeAlong(i);
});
network.on('dragEnd', ({ nodes: [i] }) => {
  moving = false;
  network.unselectAll();
  if (i !== undefined) drop(i);
});

let asked = false;
$('graph').addEventListener('pointermove', ({ clientX: x, clientY: y, buttons }) => {
  if (asked || buttons) return;
  asked = true;
  requestAnimationFrame(() => {
    asked = false;
    const i = network.getNodeAt({ x, y });
    $('graph').style.cursor = i === undefined ? '' : 'pointer';
    $('tip').hidden = i === undefined;
    if (i === undefined) return;
    const node = nodes[i];
    const papers = node.papers > 1 ? `${node.papers.toLocaleString()} papers` : null;
    $('tip').replaceChildren(el('b', {}, short(node.name, 120)), el('span', {}, [LABELS[node.kind].name, node.day, papers].filter(Boolean).join(' · ')));
    $('tip').style.left = `${Math.min(x + 14, innerWidth - $('tip').offsetWidth - 8)}px`;
    $('tip').style.top = `${Math.min(y + 14, innerHeight - $('tip').offsetHeight - 8)}px`;
  });
});
$('graph').addEventListener('pointerleave', () => { $('tip').hidden = true; });

const KEYS = {
  '/': () => $('search').focus(),
  Escape: back,
  ArrowLeft: () => go(-1, 0),
  ArrowRight: () => go(1, 0),
  ArrowUp: () => go(0, -1),
  ArrowDown: () => go(0, 1),
  '+': () => network.moveTo({ scale: network.getScale() * 1.3 }),
  '-': () => network.moveTo({ scale: network.getScale() / 1.3 }),
  0: () => fit(),
  o: () => (state.only ? leaveOnly() : state.chosen !== null && expand(state.chosen)),
  e: () => state.chosen !== null && expand(state.chosen),
  p: () => state.chosen !== null && pick(state.chosen),
  '?': () => $('help').showModal(),
};
document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || $('help').open) return;
  const typing = event.target.matches('input[type=search]');
  if (typing && event.key === 'Escape') {
    $('search').value = '';
    $('graph').focus();
    if (picking !== null) back();
    return;
  }
  if (typing || (event.target.matches('input') && event.key.startsWith('Arrow'))) return;
  const act = KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

$('show-legend').addEventListener('click', () => openLegend($('legend').hidden));
$('all').addEventListener('click', () => leaveOnly());
$('fit').addEventListener('click', () => fit());
$('show-help').addEventListener('click', () => $('help').showModal());
$('theme').addEventListener('click', () => {
  setTheme(THEMES[(THEMES.indexOf(state.theme) + 1) % THEMES.length]);
  writeAddress(false);
  network.redraw();
});
$('copy').addEventListener('click', async () => {
  try {
    await navigator.clipboard.writeText(location.href);
    $('copy').textContent = 'Copied';
  } catch {
    $('copy').textContent = 'See address bar';
  }
  setTimeout(() => { $('copy').textContent = 'Link'; }, 1500);
});
addEventListener('popstate', () => {
  const { theme } = state;
  readAddress();
  setTheme(theme); // which is not a step of one's way
  picking = null;
  sendHome();
  update();
  arrive();
});
new ResizeObserver(() => {
  document.documentElement.style.setProperty('--bar', `${$('bar').getBoundingClientRect().bottom}px`);
}).observe($('bar'));
for (const query of ['(prefers-color-scheme: dark)', '(prefers-contrast: more)']) {
  matchMedia(query).addEventListener('change', () => { readTheme(); network.redraw(); });
}

// ---- begin

buildLegend();
buildTime();
buildSearch();
openLegend(!narrow());
setTheme(state.theme);
show();
arrive();
network.once('afterDrawing', () => { document.documentElement.dataset.drawn = ''; calm = false; });
