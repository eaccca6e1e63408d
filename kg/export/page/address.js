// The state of the view, and its form in the address after the #, so that a view can be shared.

const THEMES = ['auto', 'light', 'dark', 'contrast'];

const state = {
  chosen: null, // a node
  path: null, // [node, node]
  only: null, // the nodes opened in the view of a neighbourhood; null shows all
  hidden: new Set(), // names of labels and edge types
  from: null, // of the papers' time, as written in `steps`
  to: null,
  theme: 'auto',
};

function written() {
  const parts = new URLSearchParams();
  const add = (name, list) => list.forEach((i) => parts.append(name, nodes[i].key));
  if (state.chosen !== null) add('node', [state.chosen]);
  add('path', state.path || []);
  add('only', [...(state.only || [])]);
  if (state.hidden.size) parts.set('hide', [...state.hidden].sort().join(' '));
  if (state.from) parts.set('from', state.from);
  if (state.to) parts.set('to', state.to);
  if (state.theme !== 'auto') parts.set('theme', state.theme);
  const text = parts.toString();
  return text ? `#${text}` : '';
}

/** Take the state from the address; what the graph does not have is left out. */
function readAddress() {
  const parts = new URLSearchParams(location.hash.slice(1));
  const known = (name) => parts.getAll(name).filter((key) => numberOf.has(key)).map((key) => numberOf.get(key));
  [state.chosen = null] = known('node');
  const path = known('path');
  state.path = path.length === 2 ? path : null;
  const only = known('only');
  state.only = only.length ? new Set(only) : null;
  const names = new Set([...LABELS, ...TYPES].map((each) => each.name));
  state.hidden = new Set((parts.get('hide') || '').split(' ').filter((name) => names.has(name)));
  state.from = parts.get('from');
  state.to = parts.get('to');
  state.theme = THEMES.includes(parts.get('theme')) ? parts.get('theme') : 'auto';
}

/** `step`: whether the browser's back button returns to what was before. */
function writeAddress(step) {
  const next = written();
  if (next === location.hash) return;
  const address = next || `${location.pathname}${location.search}`;
  if (step) history.pushState(null, '', address);
  else history.replaceState(null, '', address);
}
