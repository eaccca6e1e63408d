// What colours and shapes mean, and boxes that hide labels and edge types.

const SVG = 'http://www.w3.org/2000/svg';

/** A label's shape in its colour. */
function icon(label) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '-1.1 -1.1 2.2 2.2');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const points = SHAPES[label.shape];
  const drawn = document.createElementNS(SVG, points ? 'polygon' : 'circle');
  if (points) drawn.setAttribute('points', points.map((point) => point.join(',')).join(' '));
  else drawn.setAttribute('r', '0.95');
  drawn.setAttribute('fill', label.color);
  svg.append(drawn);
  return svg;
}

function buildLegend() {
  const count = (list, of) => list.reduce((counts, each) => counts.set(of(each), (counts.get(of(each)) || 0) + 1), new Map());
  const ofLabel = count(nodes, (node) => node.kind);
  const ofType = count(edges, (edge) => edge.type);
  const row = (each, sign, number) =>
    el('label', {},
      el('input', { type: 'checkbox', value: each.name, checked: true, onchange: toggle }), sign,
      el('span', { class: 'kind' }, each.name), el('span', { class: 'count' }, number.toLocaleString()));
  $('legend').replaceChildren(
    el('h2', {}, 'Nodes'), ...LABELS.flatMap((label, k) => (ofLabel.has(k) ? [row(label, icon(label), ofLabel.get(k))] : [])),
    el('h2', {}, 'Edges'), ...TYPES.flatMap((type, t) => (ofType.has(t) ? [row(type, line(type), ofType.get(t))] : [])));
}

function toggle({ target }) {
  if (target.checked) state.hidden.delete(target.value);
  else state.hidden.add(target.value);
  update();
}

function showLegend() {
  for (const box of $('legend').querySelectorAll('input')) box.checked = !state.hidden.has(box.value);
}

function openLegend(open) {
  $('legend').hidden = !open;
  $('show-legend').setAttribute('aria-expanded', open);
  network.redraw(); // names keep off the controls
}
