"""PDF: title and abstract of the first page, and one clear line where they cannot be found."""

import gzip
from datetime import date

import pytest

from kg.errors import SourceError
from kg.model import Paper
from kg.sources import read

HEAD = [(18, "Otters on Stairs:"), (18, "A Slow Descent"), (10, "Ada Tern and Bo Skua")]
BODY = [
    (10, "Otters go down stairs slowly, and we meas-"),
    (10, "ure how. They need state-of-"),
    (10, "the-art rails."),
]
STAMP = "arXiv:2503.00077v1 [cs.RO] 4 Mar 2025"


def pdf(lines, stamp=""):
    """One page with the lines, of (size, text) each, below one another, and the stamp upwards along its edge."""
    y, stream = 750.0, []
    for size, text in lines:
        y -= size * 1.4
        stream.append(f"BT /F1 {size} Tf 72 {y:.1f} Td ({text}) Tj ET")
    stream.append(f"BT /F1 20 Tf 0 1 -1 0 30 200 Tm ({stamp}) Tj ET")
    content = "\n".join(stream).encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    numbered = b"".join(b"%d 0 obj\n%s\nendobj\n" % (i, o) for i, o in enumerate(objects, 1))
    return b"%PDF-1.4\n\x80\x81\x82\n" + numbered + b"trailer << /Root 1 0 R >>\n"


@pytest.mark.parametrize(
    ("after", "heading"),
    [
        ([(12, "1 Introduction"), (10, "Stairs are old.")], [(12, "Abstract")]),
        ([(10, "Keywords: otters")], [(12, "ABSTRACT")]),
        ([(7, "Equal contribution."), (10, "3")], [(10, "Abstract.")]),
        ([(10, "3")], [(12, "A BSTRACT")]),
    ],
)
def test_pdf(tmp_path, after, heading):
    path = tmp_path / "otters.pdf"
    path.write_bytes(pdf([*HEAD, *heading, *BODY, *after], STAMP))
    assert list(read([path])) == [
        Paper(
            id="arxiv:2503.00077",
            title="Otters on Stairs: A Slow Descent",
            abstract="Otters go down stairs slowly, and we measure how. They need state-of-the-art rails.",
            published=date(2025, 3, 4),
            url="https://arxiv.org/abs/2503.00077",
            arxiv_id="2503.00077",
            sources=(f"{path}:1",),
        )
    ]


def test_abstract_on_the_line_of_its_heading(tmp_path):
    path = tmp_path / "otters.pdf.gz"
    path.write_bytes(gzip.compress(pdf([*HEAD, (10, "Abstract - Otters slide."), (10, "They laugh.")])))
    assert [(p.title, p.abstract, p.published) for p in read([path])] == [
        ("Otters on Stairs: A Slow Descent", "Otters slide. They laugh.", None)
    ]


WHOLE = pdf([*HEAD, (12, "Abstract"), *BODY])
ENCRYPTED = WHOLE.replace(
    b"trailer << ",
    b"trailer << /ID [(1) (1)] /Encrypt << /Filter /Standard /V 1 /R 2 /P -4"
    b" /O (12345678901234567890123456789012) /U (12345678901234567890123456789012) >> ",
)
CUT = "cut off or damaged from here on (Compressed file ended before the end-of-stream marker was reached)"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"%PDF-1.7\n", "the PDF cannot be read, it is damaged"),
        (b"%PDF-1.7\n" + bytes(range(256)) * 20, "the PDF cannot be read, it is damaged"),
        (ENCRYPTED, "the PDF cannot be read, it is encrypted"),
        (gzip.compress(WHOLE)[:-20], CUT),
        (pdf([]), "no text on the first page of the PDF; a scan has to be recognised first"),
        (pdf(HEAD), 'no abstract found: no line on the first page of the PDF begins with "Abstract"'),
        (pdf([(12, "Abstract"), *BODY]), "no title found above the abstract on the first page of the PDF"),
        (
            pdf([*HEAD, (12, "Abstract"), (12, "1 Introduction")]),
            "no abstract found: nothing follows its heading on the first page of the PDF",
        ),
        (
            pdf([*HEAD, (12, "Abstract"), *[(5, "word " * 20)] * 60]),
            "no abstract found: what follows its heading has 5,999 characters",
        ),
    ],
)
def test_unreadable(tmp_path, content, reason):
    path = tmp_path / "paper.pdf"
    path.write_bytes(content)
    with pytest.raises(SourceError) as error:
        list(read([path]))
    assert str(error.value) == f"{path}: {reason}"


def test_another_reader_refuses_a_pdf(tmp_path):
    path = tmp_path / "paper.pdf"
    path.write_bytes(WHOLE)
    with pytest.raises(SourceError) as error:
        list(read([path], format="listing"))
    assert str(error.value) == f"{path}: a binary file; papers are read from UTF-8 text, plain, .gz or .xz"
