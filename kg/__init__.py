"""Knowledge graphs of machine-learning papers.

>>> graph = kg.build(["examples/"], "out")
>>> graph.query("MATCH (m:Method) RETURN m.name ORDER BY m.papers DESC LIMIT 3").rows
"""

from importlib.metadata import version

from kg.build import build
from kg.extract.pipeline import extract, load
from kg.graph import Graph
from kg.model import Facts, Paper

__version__ = version("kg-papers")
__all__ = ["Facts", "Graph", "Paper", "build", "extract", "load"]
