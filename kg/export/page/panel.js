// The facts of the chosen node, or of the path, each with its sentence.

const FIRST = 8; // facts of a kind that are listed before one asks for all

let subject = ''; // what the panel was last about

function showPanel() {
  const panel = $('panel');
  const about = String(state.path ?? state.chosen ?? '');
  const [place, within] = [about === subject ? panel.scrollTop : 0, panel.contains(document.activeElement)];
  subject = about;
  panel.hidden = !about;
  panel.replaceChildren(...(panel.hidden ? [] : state.path ? pathFacts(...state.path) : nodeFacts(state.chosen)));
  panel.scrollTop = place;
  if (within) panel.querySelector('h2')?.focus(); // whoever follows names by the keyboard stays in the panel
}

const heading = (text) => el('h2', { tabindex: -1, 'aria-live': 'polite' }, text);

const button = (text, onclick, title) => el('button', { onclick, title }, text);
const chip = (i) => el('span', { class: 'chip' }, icon(LABELS[nodes[i].kind]), LABELS[nodes[i].kind].name);
const closing = () => el('button', { class: 'close', 'aria-label': 'Close', title: 'Close (Esc)', onclick: close }, '×');

/** A link to an address of the web; null for all else. */
function link(url, text) {
  if (!/^https?:\/\//i.test(url || '')) return null;
  return el('a', { href: url, target: '_blank', rel: 'noopener noreferrer' }, text ?? url);
}

function nodeFacts(i) {
  const node = nodes[i];
  const facts = neighbours(i);
  const papers = node.papers ? `${node.papers.toLocaleString()} ${node.papers === 1 ? 'paper' : 'papers'}` : '';
  const aliases = node.aliases?.length ? el('p', { class: 'aliases' }, 'also ', node.aliases.join(', ')) : null;
  const open = state.only?.has(i);
  const sections = TYPES.flatMap((type, t) => {
    const of = facts.filter(([e]) => edges[e].type === t);
    const leaving = of.filter(([e]) => edges[e].from === i);
    const coming = of.filter(([e]) => edges[e].from !== i);
    return [section(type, '→', leaving), section(type, '←', coming)];
  });
  return [
    closing(),
    el('p', { class: 'about' }, chip(i), ' ', [papers, node.day].filter(Boolean).join(' · ')),
    heading(node.name),
    node.url ? el('p', { class: 'url' }, link(node.url) ?? node.url) : null,
    aliases,
    el('p', { class: 'acts' },
      button(open ? 'Collapse' : state.only ? 'Expand' : 'Only its neighbours', () => expand(i), 'e, or a double click'),
      button('Path to …', () => pick(i), 'p')),
    ...sections.filter(Boolean),
    facts.length ? null : el('p', {}, 'No fact of it is shown.'),
  ].filter(Boolean);
}

function section(type, arrow, facts) {
  if (!facts.length) return null;
  const size = ([, other]) => nodes[other].size;
  const newest = (a, b) => (nodes[b[1]].day || '').localeCompare(nodes[a[1]].day || '');
  facts.sort((a, b) => newest(a, b) || size(b) - size(a) || a[1] - b[1]);
  const list = el('ul', {}, ...facts.slice(0, FIRST).map(fact));
  const rest = facts.length - FIRST;
  const more = rest > 0 ? button(`${rest.toLocaleString()} more`, () => {
    list.append(...facts.slice(FIRST).map(fact));
    more.remove();
  }) : null;
  return el('details', { open: true },
    el('summary', {}, line(type), `${arrow} ${type.name} `, el('span', { class: 'count' }, facts.length.toLocaleString())),
    list, more);
}

/** A node's name, which leads to the node. */
function goTo(i, text = nodes[i].name) {
  const onclick = (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    choose(i, { fly: true });
  };
  return el('a', { class: 'name', href: `#${new URLSearchParams({ node: nodes[i].key })}`, onclick }, text);
}

/** A type's line in its colour. */
function line(type) {
  const color = el('i', { class: 'line' });
  color.style.background = type.color;
  return color;
}

function fact([e, other]) {
  const node = nodes[other];
  return el('li', {},
    icon(LABELS[node.kind]),
    goTo(other),
    node.day ? el('span', { class: 'day' }, ` ${node.day}`) : null,
    node.url ? el('span', {}, ' ', link(node.url, '↗')) : null,
    ...sentences(edges[e]));
}

/** The sentences that state an edge, the mention or the names marked, each with its paper where that is another node. */
function sentences(edge) {
  return edge.said.filter(isSaid).map(([number, start, end, paper]) => {
    const text = page.sentences[number];
    const spans = start === null ? named(text, [edge.from, edge.to]) : [[start, end]];
    const source = paper === undefined ? null : paperOf(paper);
    return el('q', {}, ...marked(text, spans), source);
  });
}

function paperOf(paper) {
  if (typeof paper === 'string') return el('cite', {}, paper);
  return el('cite', {}, goTo(paper, short(nodes[paper].name, 80)));
}

/** Where the text has a name or an alias of the nodes: [[start, end]], apart and in order. */
function named(text, ends) {
  const spans = [];
  for (const i of ends) {
    const names = [nodes[i].name, ...(nodes[i].aliases || [])].sort((a, b) => b.length - a.length);
    for (const name of names) {
      const hit = new RegExp(name.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&'), 'i').exec(text);
      if (!hit || spans.some(([start, end]) => hit.index < end && hit.index + name.length > start)) continue;
      spans.push([hit.index, hit.index + name.length]);
      break;
    }
  }
  return spans.sort((a, b) => a[0] - b[0]);
}

function marked(text, spans) {
  const parts = [];
  let at = 0;
  for (const [start, end] of spans) {
    parts.push(text.slice(at, start), el('mark', {}, text.slice(start, end)));
    at = end;
  }
  return [...parts, text.slice(at)];
}

function pathFacts(start, goal) {
  const path = shortestPath(start, goal);
  const head = [closing(), el('p', { class: 'about' }, 'Shortest path'), heading(`${short(nodes[start].name, 60)} … ${short(nodes[goal].name, 60)}`)];
  if (!path) return [...head, el('p', {}, 'No path joins them in what is shown.')];
  let at = start;
  const steps = path.map((e) => {
    const [out, other] = [edges[e].from === at, otherEnd(edges[e], at)];
    at = other;
    const type = TYPES[edges[e].type];
    return el('li', {}, line(type), ` ${out ? '→' : '←'} ${type.name} `, icon(LABELS[nodes[other].kind]), goTo(other), ...sentences(edges[e]));
  });
  const first = el('li', {}, icon(LABELS[nodes[start].kind]), goTo(start));
  return [...head, el('ol', { class: 'path' }, first, ...steps)];
}
