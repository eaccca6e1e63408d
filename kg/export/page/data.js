// What the page holds, indexed. Nodes and edges go by their numbers; `key` is a node's id in the graph.

const data = JSON.parse(document.getElementById('data').textContent);
const { nodes, edges, page } = data;
const LABELS = page.labels; // [{name, color, shape}]
const TYPES = page.types; // [{name, color}]

const numberOf = new Map(nodes.map((node, i) => [node.key, i]));
const incident = nodes.map(() => []); // numbers of the edges at each node
edges.forEach((edge, i) => {
  incident[edge.from].push(i);
  if (edge.to !== edge.from) incident[edge.to].push(i);
});

// Where nodes stand now; `nodes[i].x` is where they began.
const X = Float64Array.from(nodes, (node) => node.x);
const Y = Float64Array.from(nodes, (node) => node.y);

// The most important first: names are written and found in this order.
const byImportance = nodes.map((_, i) => i).sort((a, b) => nodes[b].size - nodes[a].size || a - b);

const isPaper = (i) => LABELS[nodes[i].kind].name === 'Paper';
const otherEnd = (edge, i) => (edge.from === i ? edge.to : edge.from);

/** An element with attributes and children; text is always text. */
function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child != null));
  return element;
}

const $ = (id) => document.getElementById(id);
const short = (text, length) => (text.length > length ? `${text.slice(0, length - 1).trimEnd()}…` : text);
