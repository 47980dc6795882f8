"""How does a table become a chart that Word, WPS and LibreOffice draw themselves?  A native chart with its numbers inside.

openpyxl writes the chart's own XML; what is added here is the part, its place in the document, and the workbook behind it, so
that an office can go on editing the numbers in Word.
"""

from __future__ import annotations

import io
from typing import Any

from docx.opc.constants import RELATIONSHIP_TYPE as REL
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.shared import Emu, Mm
from openpyxl import Workbook
from openpyxl.chart import BarChart
from openpyxl.chart.data_source import AxDataSource, NumData, NumDataSource, NumRef, NumVal, StrData, StrRef, StrVal
from openpyxl.chart.label import DataLabelList
from openpyxl.chart.series import Series, SeriesLabel
from openpyxl.xml.functions import tostring

from petitions.reports.contents import Table

_TYPE = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
_BOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_WIDE, _ROW, _LEAST = Mm(150), Mm(9), Mm(32)
_COLOUR = "9B2C2C"
_NS = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)


def put(document: Any, paragraph: Any, table: Table, serial: int) -> None:
    """Put the chart of ``table`` into ``paragraph``: bars of its charted column; ``serial`` numbers the document's charts."""
    package = document.part.package
    chart = Part(PackURI(f"/word/charts/chart{serial}.xml"), _TYPE, b"", package)
    book = Part(PackURI(f"/word/embeddings/chart{serial}.xlsx"), _BOOK, _workbook(table), package)
    chart._blob = _xml(table, chart.relate_to(book, REL.PACKAGE))
    link = document.part.relate_to(chart, REL.CHART)
    high = max(_LEAST, Emu(_ROW * (len(table.rows) + 1)))
    paragraph.add_run()._r.append(parse_xml(_drawing(link, serial, table.title, int(_WIDE), int(high))))


def _workbook(table: Table) -> bytes:
    book = Workbook()
    page: Any = book.active
    page.title = "Sheet1"
    for row in ([table.head[0], table.head[table.charted]], *([row[0], row[table.charted]] for row in table.rows)):
        page.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _xml(table: Table, book: str) -> bytes:
    end = len(table.rows) + 1
    names = [StrVal(idx=at, v=str(row[0])) for at, row in enumerate(table.rows)]
    numbers = [NumVal(idx=at, v=str(row[table.charted])) for at, row in enumerate(table.rows)]
    chart: Any = BarChart()
    chart.type, chart.legend, chart.title, chart.gapWidth = "bar", None, None, 60
    series = Series(
        idx=0, order=0, tx=SeriesLabel(v=str(table.head[table.charted])),
        cat=AxDataSource(strRef=StrRef(f=f"Sheet1!$A$2:$A${end}", strCache=StrData(ptCount=len(names), pt=names))),
        val=NumDataSource(numRef=NumRef(f=f"Sheet1!$B$2:$B${end}", numCache=NumData(formatCode="0", ptCount=len(numbers), pt=numbers))),
    )  # fmt: skip
    series.graphicalProperties.solidFill = _COLOUR
    series.dLbls = DataLabelList(
        showVal=True, showSerName=False, showCatName=False, showLegendKey=False, showPercent=False
    )
    chart.series = [series]
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.x_axis.scaling.orientation = "maxMin"  # the first row on top, as in the table
    chart.y_axis.majorGridlines = None
    chart.y_axis.delete = True
    body: bytes = tostring(chart._write())
    tail = f'<c:externalData xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" r:id="{book}"><c:autoUpdate val="0"/></c:externalData>'
    end_tag = body.rindex(b"</")
    return body[:end_tag] + tail.encode() + body[end_tag:]


def _drawing(link: str, serial: int, title: str, wide: int, high: int) -> str:
    return (
        f'<w:drawing {_NS}><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent cx="{wide}" cy="{high}"/>'
        f'<wp:docPr id="{1000 + serial}" name="图{serial}" descr="{title}（数字见下表）"/><wp:cNvGraphicFramePr/>'
        '<a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/chart">'
        f'<c:chart r:id="{link}"/></a:graphicData></a:graphic></wp:inline></w:drawing>'
    )
