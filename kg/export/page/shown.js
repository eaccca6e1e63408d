// Which nodes and edges are shown: the filters, the time, and the neighbourhood that was opened.

const shownNodes = new Uint8Array(nodes.length).fill(1);
const shownEdges = new Uint8Array(edges.length).fill(1);

/** Fill `shownNodes` and `shownEdges` from `state`. */
function decideShown() {
  const hiddenLabel = LABELS.map((label) => state.hidden.has(label.name));
  const hiddenType = TYPES.map((type) => state.hidden.has(type.name));
  nodes.forEach((node, i) => {
    shownNodes[i] = !hiddenLabel[node.kind] && (isPaper(i) ? inTime(i) : hasPaper(i));
  });
  if (state.only) {
    const open = new Set(state.only);
    for (const i of state.only) for (const e of incident[i]) if (!hiddenType[edges[e].type]) open.add(otherEnd(edges[e], i));
    nodes.forEach((_, i) => { shownNodes[i] &&= open.has(i); });
  }
  edges.forEach((edge, e) => {
    shownEdges[e] = !hiddenType[edge.type] && shownNodes[edge.from] && shownNodes[edge.to] && (!edge.said.length || edge.said.some(isSaid));
  });
}

const inTime = (paper) => !(state.from || state.to) || inSpan(nodes[paper].day);

/** Whether a statement is by a paper of the time, or by one that is not in the page. */
const isSaid = ([, , , paper]) => typeof paper !== 'number' || inTime(paper);

/** What belongs to papers is shown with at least one of them; what belongs to none, always. */
function hasPaper(i) {
  let any = false;
  for (const e of incident[i]) {
    const other = otherEnd(edges[e], i);
    if (!isPaper(other)) continue;
    if (inTime(other)) return true;
    any = true;
  }
  return !any;
}

/** [[edge, neighbour]] of the shown edges at a node. */
const neighbours = (i) => incident[i].filter((e) => shownEdges[e]).map((e) => [e, otherEnd(edges[e], i)]);

/** The edges of a shortest path over what is shown, in its order; null where there is none. Breadth first. */
function shortestPath(start, goal) {
  const cameBy = new Map([[start, null]]);
  let rim = [start];
  while (rim.length && !cameBy.has(goal)) {
    const next = [];
    for (const i of rim) {
      for (const [e, other] of neighbours(i)) {
        if (cameBy.has(other)) continue;
        cameBy.set(other, [e, i]);
        next.push(other);
      }
    }
    rim = next;
  }
  if (!cameBy.has(goal)) return null;
  const path = [];
  for (let step = cameBy.get(goal); step; step = cameBy.get(step[1])) path.unshift(step[0]);
  return path;
}
