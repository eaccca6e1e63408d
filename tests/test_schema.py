"""The ontology: what stores, tables and the assembly derive from it."""

from __future__ import annotations

from typing import get_args

import pyarrow as pa
import pytest

from kg.model import EntityType, Role
from kg.schema import EDGES, ENTITY_LABELS, NODES, RELATION_TYPES, edge_for_role
from kg.stores.ladybug import ddl

ROLE_EDGES = {
    # role: the edge type for Method, Dataset, Benchmark, Task, Metric
    "introduces": ("INTRODUCES", "INTRODUCES", "INTRODUCES", "INTRODUCES", "INTRODUCES"),
    "evaluates": ("USES", "EVALUATES_ON", "EVALUATES_ON", "ADDRESSES", "MEASURES"),
    "compares": ("COMPARES_WITH", "MENTIONS", "MENTIONS", "MENTIONS", "MENTIONS"),
    "uses": ("USES", "USES", "USES", "USES", "USES"),
    "mentions": ("MENTIONS", "MENTIONS", "MENTIONS", "MENTIONS", "MENTIONS"),
}


def test_labels_and_types():
    assert list(NODES) == [
        *("Paper", "Method", "Dataset", "Benchmark", "Task", "Metric"),
        *("Repository", "Resource", "Author", "Organization"),
    ]
    assert list(EDGES) == [
        *("INTRODUCES", "USES", "EVALUATES_ON", "COMPARES_WITH", "ADDRESSES", "MEASURES", "MENTIONS"),
        *("HAS_CODE", "HAS_RESOURCE", "AUTHORED_BY", "FROM"),
        *("EVALUATED_ON", "OUTPERFORMS", "BUILDS_ON", "USED_FOR", "PART_OF"),
    ]


def test_the_records_and_the_ontology_use_the_same_words():
    assert get_args(EntityType) == ENTITY_LABELS
    assert get_args(Role) == tuple(ROLE_EDGES)
    assert tuple(EDGES)[-5:] == RELATION_TYPES


@pytest.mark.parametrize("role", ROLE_EDGES)
def test_the_edge_of_a_role(role):
    edges = tuple(edge_for_role(role, label) for label in ENTITY_LABELS)
    assert edges == ROLE_EDGES[role]
    for edge, label in zip(edges, ENTITY_LABELS, strict=True):
        assert ("Paper", label) in EDGES[edge].pairs


@pytest.mark.parametrize("name", EDGES)
def test_every_edge_joins_known_labels_and_carries_evidence(name):
    edge = EDGES[name]
    assert {label for pair in edge.pairs for label in pair} <= set(NODES)
    assert {"evidence", "confidence"} <= {p.name for p in edge.properties}


def test_arrow_of_a_label():
    assert NODES["Paper"].arrow == pa.schema(
        [
            ("id", pa.string()),
            ("title", pa.string()),
            ("abstract", pa.string()),
            ("published", pa.date32()),
            ("url", pa.string()),
            ("arxiv_id", pa.string()),
            ("authors_count", pa.int64()),
            ("sources", pa.list_(pa.string())),
        ]
    )


def test_arrow_of_an_edge_type():
    assert EDGES["HAS_CODE"].arrow == pa.schema(
        [
            ("source", pa.string()),
            ("source_label", pa.string()),
            ("target", pa.string()),
            ("target_label", pa.string()),
            ("evidence", pa.string()),
            ("field", pa.string()),
            ("start", pa.int64()),
            ("end", pa.int64()),
            ("confidence", pa.float64()),
            ("extractor", pa.string()),
            ("official", pa.bool_()),
        ]
    )


def test_ddl_of_a_label_and_of_an_edge_type():
    assert (
        "CREATE NODE TABLE `Task` (`id` STRING, `name` STRING, `type` STRING, `aliases` STRING[], `named` BOOL,"
        " `papers` INT64, PRIMARY KEY (`id`))"
    ) in ddl()
    assert (
        "CREATE REL TABLE `EVALUATED_ON` (FROM `Method` TO `Dataset`, FROM `Method` TO `Benchmark`, `papers` STRING[],"
        " `count` INT64, `evidence` STRING, `statements` STRING[], `confidence` DOUBLE)"
    ) in ddl()
