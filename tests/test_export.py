"""Exports are read back, whole, by the libraries that their users open them with."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from urllib.parse import unquote

import networkx as nx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from graphs import tables
from hypothesis import given
from hypothesis import strategies as st
from rdflib import RDF, SDO, BNode, Literal, Namespace, URIRef
from rdflib import Graph as RdfGraph
from rdflib.collection import Collection
from rdflib.compare import isomorphic

from kg import drafts
from kg.errors import GraphError
from kg.export import FORMATS, neo4j_csv
from kg.schema import EDGES, NODES

HOSTILE = "</data>]]><!-- &amp; \"'\\u0000 {{7*7}} \U0001f9a6\r\n\t<script>alert(1)</script> ' DROP"
FOLDERS = {"neo4j-csv", "parquet"}
FILES = sorted(FORMATS.keys() - FOLDERS)
KG = Namespace("urn:x-kg:term:")
NODE = Namespace("urn:x-kg:node:")


def export(format: str, graph: tuple[dict[str, pa.Table], dict[str, pa.Table]], path: Path) -> Path:
    FORMATS[format](*graph, "run", path)
    return path


def pond() -> tuple[dict[str, pa.Table], dict[str, pa.Table]]:
    """One paper that uses one method, and mentions it, too."""
    paper = {"id": "paper:a<b", "title": "A & B", "published": date(2024, 10, 1), "sources": ["one.txt:1", "two.txt:2"]}
    method = {"id": "method:otter", "name": "Otter", "type": "Method", "aliases": [], "named": True, "papers": 1}
    ends = {"source": "paper:a<b", "source_label": "Paper", "target": "method:otter", "target_label": "Method"}
    uses = ends | {"evidence": 'We use "Otter".', "start": 7, "end": 14, "confidence": 0.5}
    return (
        {"Paper": rows(NODES["Paper"], paper), "Method": rows(NODES["Method"], method)},
        {"USES": rows(EDGES["USES"], uses), "MENTIONS": rows(EDGES["MENTIONS"], ends)},
    )


def rows(kind, *given):
    return pa.Table.from_pylist(list(given), schema=kind.arrow)


def hostile():
    """The graph of `tables` with a title and a sentence that would like to be something else."""
    nodes, edges = tables()
    papers = nodes["Paper"].to_pylist()
    papers[0] |= {"title": HOSTILE, "abstract": HOSTILE, "sources": [HOSTILE, ""]}
    uses = edges["USES"].to_pylist()
    uses[0] |= {"evidence": HOSTILE}
    return nodes | {"Paper": rows(NODES["Paper"], *papers)}, edges | {"USES": rows(EDGES["USES"], *uses)}


def flat(values):
    """Properties as XML holds them: no nulls, lists as one text, dates as ISO text."""
    texts = {name: " | ".join(value) if isinstance(value, list) else value for name, value in values.items()}
    texts |= {name: value.isoformat() for name, value in texts.items() if isinstance(value, date)}
    return {name: value for name, value in texts.items() if value is not None}


def flat_nodes(nodes):
    """``{id: properties}``"""
    return {
        row["id"]: flat({k: v for k, v in row.items() if k != "id"})
        | {"type": label, "label": row.get("name") or row.get("title")}
        for label, table in nodes.items()
        for row in table.to_pylist()
    }


def ends_and_rest(edges):
    for type, table in edges.items():
        for row in table.to_pylist():
            source, _, target, _ = (row.pop(n) for n in ("source", "source_label", "target", "target_label"))
            yield source, target, type, row


# GraphML and GEXF


def test_graphml_as_it_is_written(tmp_path):
    text = export("graphml", pond(), tmp_path / "pond").read_text()
    assert text[text.index("<graph ") :] == (
        '<graph edgedefault="directed">\n'
        '<node id="paper:a&lt;b"><data key="node.label">A &amp; B</data><data key="node.title">A &amp; B</data>'
        '<data key="node.published">2024-10-01</data><data key="node.sources">one.txt:1 | two.txt:2</data>'
        '<data key="node.type">Paper</data></node>\n'
        '<node id="method:otter"><data key="node.label">Otter</data><data key="node.name">Otter</data>'
        '<data key="node.type">Method</data><data key="node.aliases"></data><data key="node.named">true</data>'
        '<data key="node.papers">1</data></node>\n'
        '<edge source="paper:a&lt;b" target="method:otter" label="USES"><data key="edge.key">USES</data>'
        '<data key="edge.label">USES</data><data key="edge.evidence">We use "Otter".</data>'
        '<data key="edge.start">7</data><data key="edge.end">14</data><data key="edge.confidence">0.5</data></edge>\n'
        '<edge source="paper:a&lt;b" target="method:otter" label="MENTIONS"><data key="edge.key">MENTIONS</data>'
        '<data key="edge.label">MENTIONS</data></edge>\n'
        "</graph>\n</graphml>\n"
    )


def test_gexf_as_it_is_written(tmp_path):
    text = export("gexf", pond(), tmp_path / "pond").read_text()
    assert text[text.index("<nodes>") :] == (
        '<nodes>\n<node id="paper:a&lt;b" label="A &amp; B"><attvalues><attvalue for="title" value="A &amp; B"/>'
        '<attvalue for="published" value="2024-10-01"/><attvalue for="sources" value="one.txt:1 | two.txt:2"/>'
        '<attvalue for="type" value="Paper"/></attvalues></node>\n'
        '<node id="method:otter" label="Otter"><attvalues><attvalue for="name" value="Otter"/>'
        '<attvalue for="type" value="Method"/><attvalue for="aliases" value=""/><attvalue for="named" value="true"/>'
        '<attvalue for="papers" value="1"/></attvalues></node>\n'
        '</nodes>\n<edges>\n<edge id="0" source="paper:a&lt;b" target="method:otter" kind="USES" label="USES">'
        '<attvalues><attvalue for="networkx_key" value="USES"/>'
        '<attvalue for="evidence" value=\'We use "Otter".\'/><attvalue for="start" value="7"/>'
        '<attvalue for="end" value="14"/><attvalue for="confidence" value="0.5"/></attvalues></edge>\n'
        '<edge id="1" source="paper:a&lt;b" target="method:otter" kind="MENTIONS" label="MENTIONS">'
        '<attvalues><attvalue for="networkx_key" value="MENTIONS"/></attvalues></edge>\n'
        "</edges>\n</graph>\n</gexf>\n"
    )


@pytest.mark.parametrize("graph", [tables(), pond(), hostile()], ids=["tables", "parallel edges", "hostile"])
def test_networkx_reads_graphml(graph, tmp_path):
    nodes, edges = graph
    read = nx.read_graphml(export("graphml", graph, tmp_path / "g"), force_multigraph=True)
    assert dict(read.nodes(data=True)) == flat_nodes(nodes)
    assert {(a, b, key): values for a, b, key, values in read.edges(keys=True, data=True)} == {
        (source, target, type): flat(row) | {"key": type, "label": type}
        for source, target, type, row in ends_and_rest(edges)
    }


@pytest.mark.parametrize("graph", [tables(), pond(), hostile()], ids=["tables", "parallel edges", "hostile"])
def test_networkx_reads_gexf(graph, tmp_path):
    nodes, edges = graph
    read = nx.MultiDiGraph(nx.read_gexf(export("gexf", graph, tmp_path / "g")))
    assert dict(read.nodes(data=True)) == flat_nodes(nodes)
    assert {(a, b, values.pop("label")): values for a, b, values in read.edges(data=True) if values.pop("id")} == {
        (source, target, type): flat(row) for source, target, type, row in ends_and_rest(edges)
    }


def test_what_xml_cannot_hold_is_replaced(tmp_path):
    graph = {"Paper": rows(NODES["Paper"], {"id": "p\x00", "title": "a\x0bb\ufffe\x1b[31m", "sources": ["\x1f"]})}, {}
    for read, format in ((nx.read_graphml, "graphml"), (nx.read_gexf, "gexf")):
        [(id_, values)] = read(export(format, graph, tmp_path / format)).nodes(data=True)
        assert (id_, values["title"], values["sources"]) == ("p\ufffd", "a\ufffdb\ufffd\ufffd[31m", "\ufffd")


# Node-link JSON


@pytest.mark.parametrize("graph", [tables(), pond(), hostile()], ids=["tables", "parallel edges", "hostile"])
def test_networkx_reads_node_link(graph, tmp_path):
    nodes, edges = graph

    def dated(row):
        return {k: v.isoformat() if isinstance(v, date) else v for k, v in row.items()}

    data = json.loads(export("node-link", graph, tmp_path / "g").read_text(encoding="utf-8"))
    read = nx.node_link_graph(data, edges="edges")
    assert (type(read), read.graph) == (nx.MultiDiGraph, {})
    assert dict(read.nodes(data=True)) == {
        row["id"]: {"label": label} | {k: v for k, v in dated(row).items() if k != "id"}
        for label, table in nodes.items()
        for row in table.to_pylist()
    }
    assert {(a, b, key): values for a, b, key, values in read.edges(keys=True, data=True)} == {
        (source, target, name): {"type": name} | row for source, target, name, row in ends_and_rest(edges)
    }
    assert nx.node_link_data(read, edges="edges").keys() == data.keys()


# Parquet


def test_pyarrow_reads_parquet(tmp_path):
    nodes, edges = tables()
    folder = export("parquet", (nodes, edges), tmp_path / "g")
    assert {p.stem: pq.read_table(p) for p in (folder / "nodes").iterdir()} == nodes
    assert {p.stem: pq.read_table(p) for p in (folder / "edges").iterdir()} == edges


def test_parquet_says_what_columns_mean(tmp_path):
    folder = export("parquet", tables(), tmp_path / "g")
    schema = pq.read_schema(folder / "nodes/Metric.parquet")
    assert schema.metadata == {b"description": b"A measure of quality or cost."}
    assert schema.field("name").metadata[b"description"] == b"canonical name"


# JSON-LD


def iri(id_: str) -> URIRef:
    return NODE[id_.replace("<", "%3C").replace(" ", "%20")]


def test_json_ld_as_it_is_written(tmp_path):
    data = json.loads(export("json-ld", pond(), tmp_path / "pond").read_text())
    paper, method, uses, mentions = data["@graph"]
    assert paper == {
        "@id": "urn:x-kg:node:paper:a%3Cb",
        "@type": ["ScholarlyArticle", "kg:Paper"],
        "identifier": "paper:a<b",
        "name": "A & B",
        "datePublished": "2024-10-01",
        "kg:sources": ["one.txt:1", "two.txt:2"],
    }
    assert method == {
        "@id": "urn:x-kg:node:method:otter",
        "@type": ["DefinedTerm", "kg:Method"],
        "identifier": "method:otter",
        "name": "Otter",
        "alternateName": [],
        "kg:named": True,
        "kg:papers": 1,
    }
    assert uses == {
        "@type": "rdf:Statement",
        "rdf:subject": {"@id": "urn:x-kg:node:paper:a%3Cb", "kg:uses": {"@id": "urn:x-kg:node:method:otter"}},
        "rdf:predicate": {"@id": "kg:uses"},
        "rdf:object": {"@id": "urn:x-kg:node:method:otter"},
        "kg:evidence": 'We use "Otter".',
        "kg:start": 7,
        "kg:end": 14,
        "kg:confidence": 0.5,
    }
    assert mentions["rdf:predicate"] == {"@id": "https://schema.org/mentions"}


CLASSES = {
    "Paper": SDO.ScholarlyArticle, "Dataset": SDO.Dataset, "Benchmark": SDO.Dataset, "Method": SDO.DefinedTerm,
    "Task": SDO.DefinedTerm, "Metric": SDO.DefinedTerm, "Repository": SDO.SoftwareSourceCode,
}  # fmt: skip
TERMS = {
    "id": SDO.identifier, "name": SDO.name, "title": SDO.name, "abstract": SDO.abstract, "published": SDO.datePublished,
    "url": SDO.codeRepository, "aliases": SDO.alternateName, "arxiv_id": KG.arxiv_id, "authors_count": KG.authors_count,
    "sources": KG.sources, "named": KG.named, "papers": KG.papers, "host": KG.host, "owner": KG.owner,
}  # fmt: skip
PREDICATES = {
    "INTRODUCES": KG.introduces, "USES": KG.uses, "EVALUATES_ON": KG.evaluatesOn, "COMPARES_WITH": KG.comparesWith,
    "ADDRESSES": SDO.about, "MEASURES": KG.measures, "MENTIONS": SDO.mentions, "HAS_CODE": KG.hasCode,
    "EVALUATED_ON": KG.evaluatedOn, "OUTPERFORMS": KG.outperforms, "BUILDS_ON": KG.buildsOn, "USED_FOR": KG.usedFor,
}  # fmt: skip


def triples(nodes, edges):
    """What the tables say, as RDF."""
    graph = RdfGraph()

    def add(subject, term, value):
        for item in value if isinstance(value, list) else [value]:
            if item is not None:
                graph.add((subject, term, Literal(item)))

    for label, table in nodes.items():
        for row in table.to_pylist():
            graph.add((iri(row["id"]), RDF.type, CLASSES[label]))
            graph.add((iri(row["id"]), RDF.type, KG[label]))
            if row.get("arxiv_id"):
                graph.add((iri(row["id"]), SDO.sameAs, URIRef(f"https://arxiv.org/abs/{row['arxiv_id']}")))
            for name, value in row.items():
                if name != "type":
                    add(iri(row["id"]), TERMS[name], value)
    for source, target, type, row in ends_and_rest(edges):
        fact = BNode()
        graph.add((iri(source), PREDICATES[type], iri(target)))
        graph.add((fact, RDF.type, RDF.Statement))
        graph.add((fact, RDF.subject, iri(source)))
        graph.add((fact, RDF.predicate, PREDICATES[type]))
        graph.add((fact, RDF.object, iri(target)))
        if row.get("papers"):
            papers, sentences = row.pop("papers"), row.pop("statements")
            graph.add((fact, KG.statedIn, Collection(graph, BNode(), [iri(paper) for paper in papers]).uri))
            graph.add((fact, KG.statements, Collection(graph, BNode(), [Literal(text) for text in sentences]).uri))
        for name, value in row.items():
            add(fact, KG[name], value)
    return graph


@pytest.mark.parametrize("graph", [tables(), pond(), hostile()], ids=["tables", "parallel edges", "hostile"])
def test_rdflib_reads_json_ld(graph, tmp_path):
    read = RdfGraph().parse(export("json-ld", graph, tmp_path / "g"), format="json-ld")
    assert isomorphic(read, triples(*graph))


def test_linked_data_answers_sparql(tmp_path):
    read = RdfGraph().parse(export("json-ld", tables(), tmp_path / "g"), format="json-ld")
    assert [tuple(map(str, row)) for row in read.query("""
        PREFIX schema: <https://schema.org/> PREFIX kg: <urn:x-kg:term:>
        SELECT ?title ?evidence WHERE {
            ?paper a schema:ScholarlyArticle ; schema:name ?title ; schema:about/schema:name "bird watching" .
            ?fact rdf:subject ?paper ; rdf:predicate schema:about ; kg:evidence ?evidence }
    """)] == [("Herons That Wait", "We watch birds.")]  # fmt: skip


@given(st.text(min_size=1))
def test_any_id_becomes_an_iri(tmp_path_factory, id_):
    graph = {"Author": rows(NODES["Author"], {"id": id_, "name": id_})}, {}
    path = export("json-ld", graph, tmp_path_factory.getbasetemp() / "ids")
    read = RdfGraph().parse(path, format="json-ld")
    again = RdfGraph().parse(data=read.serialize(format="nt"), format="nt")
    [subject] = set(again.subjects())
    assert unquote(subject.removeprefix(NODE)) == id_
    assert again.value(subject, SDO.name) == Literal(id_)


# What all formats have in common


def files(path):
    """The bytes of a file or of all files of a folder, hidden ones, too."""
    found = [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file())
    return {str(p.relative_to(path)): p.read_bytes() for p in found}


@pytest.mark.parametrize("format", FORMATS)
def test_equal_graphs_give_equal_bytes(format, tmp_path):
    first, second = (export(format, tables(), tmp_path / name) for name in ("first", "second"))
    assert files(first) == files(second)


@pytest.mark.parametrize("format", FORMATS)
def test_an_empty_graph_is_written(format, tmp_path):
    empty = (
        {name: label.arrow.empty_table() for name, label in NODES.items()},
        {name: type.arrow.empty_table() for name, type in EDGES.items()},
    )
    path = export(format, empty, tmp_path / "g")
    if format == "graphml":
        assert not nx.read_graphml(path)
    elif format == "gexf":
        assert not nx.read_gexf(path)
    elif format == "node-link":
        assert not nx.node_link_graph(json.loads(path.read_text()), edges="edges")
    elif format == "json-ld":
        assert not RdfGraph().parse(path, format="json-ld")
    elif format == "parquet":
        assert all(pq.read_table(file).num_rows == 0 for file in path.rglob("*.parquet"))


@pytest.mark.parametrize("format", FILES)
def test_a_file_that_cannot_be_written(format, tmp_path):
    missing, folder = tmp_path / "none/g", tmp_path / "folder"
    folder.mkdir()
    with pytest.raises(GraphError, match=r"none/g: cannot be written: No such file or directory$"):
        export(format, tables(), missing)
    with pytest.raises(GraphError, match=r"folder: cannot be written: Is a directory$"):
        export(format, tables(), folder)
    assert list(tmp_path.rglob("*")) == [folder]


@pytest.mark.parametrize("format", sorted(FOLDERS))
def test_a_folder_that_cannot_be_written(format, tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(GraphError, match=r"file: cannot be written: Not a directory$"):
        export(format, tables(), tmp_path / "file")
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (KeyboardInterrupt(), (KeyboardInterrupt, "^$")),
        (OSError(28, "No space left on device"), (GraphError, "g: cannot be written: No space left on device$")),
    ],
)
def test_a_file_is_replaced_in_whole_or_not_at_all(error, told, tmp_path):
    path = export("graphml", pond(), tmp_path / "g")
    before = files(tmp_path)
    kind, message = told
    with pytest.raises(kind, match=message), drafts.file(path) as file:
        file.write("half")
        raise error
    assert files(tmp_path) == before
    export("graphml", tables(), path)
    assert files(tmp_path).keys() == before.keys()
    assert files(tmp_path) != before


def test_a_folder_is_replaced_in_whole_or_not_at_all(tmp_path):
    folder = export("neo4j-csv", pond(), tmp_path / "g")
    (folder / "notes.txt").write_text("mine")
    before = files(folder)
    nodes, edges = pond()
    refused = rows(NODES["Method"], {"id": "method:otter", "aliases": ["a\x1fb"]})
    with pytest.raises(GraphError, match=r"^Method: a list holds"):
        neo4j_csv.write({**nodes, "Method": refused}, edges, "other", folder)
    assert files(folder) == before
    export("neo4j-csv", tables(), folder)
    assert files(folder).keys() > before.keys()
