"""A graph as node-link JSON: what networkx's `node_link_data` gives and D3 draws.

The content is that of `Graph.to_networkx`: lists stay lists, dates become ISO text. One node or edge stands on a line.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa

from kg import drafts
from kg.export.rows import rows, write_items


def write(nodes: Mapping[str, pa.Table], edges: Mapping[str, pa.Table], run: str, path: Path) -> list[str]:
    """Write the file `path`; one line: how networkx opens it.

    Raises:
        GraphError: `path` cannot be written.
    """
    with drafts.file(path) as file:
        file.write('{"directed": true, "multigraph": true, "graph": {}, "nodes": [')
        write_items(file, ({"label": label, **row} for label, row in rows(nodes)))
        file.write('\n], "edges": [')
        ends = {"source_label", "target_label"}
        keyed = ({"key": name, "type": name, **row} for name, row in rows(edges))
        write_items(file, ({k: v for k, v in edge.items() if k not in ends} for edge in keyed))
        file.write("\n]}\n")
    return [f'networkx.node_link_graph(json.load(open({str(path)!r}, encoding="utf-8")), edges="edges")']
