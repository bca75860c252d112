#!/usr/bin/python3
"""Makes reports/font/XunfangReportSans.ttf.gz: the part of Noto Sans CJK SC that the monthly report prints with.

Needs Debian's packages fonts-noto-cjk and python3-fonttools; run from the root folder:

    apt-get install fonts-noto-cjk python3-fonttools
    /usr/bin/python3 tools/reportfont/make.py

What is kept: every character of GB 2312 (level 1 and 2: 6,763 of them, so that names of people and places print),
its punctuation and full-width forms, Latin, 〇 for dates, and the characters of names below; the last two GB 2312
lacks. Outlines become quadratic, because the PDF writer reads TrueType only. The licence (SIL OFL 1.1) is copied beside
the font; it lets parts be given on under another name than the reserved one. The same versions of the packages give
the same bytes.
"""
import gzip
import pathlib

from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTCollection, newTable

SOURCE = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"
LICENCE = "/usr/share/doc/fonts-noto-cjk/copyright"
NAME = "Xunfang Report Sans"
TOLERANCE = 1.0  # in thousandths of the em: how far an outline may move
MORE = "喆垚堃玥玹祎珺翀琰晞淼犇焱燊赟頔颉昇珅玙芃旻祺禛勍璟瑄琤翯骉甯镕堉煦筱颋彧湉"


def characters():
    kept = set(range(0x20, 0x7F)) | set(range(0xA0, 0x180)) | {ord(c) for c in MORE + "〇—–‘’“”…·‰′″℃№①②③④⑤⑥⑦⑧⑨⑩≤≥≠≈×÷±√〓□■○●△▲☆★"}
    for row in [1, 2, 3, *range(16, 88)]:
        for cell in range(1, 95):
            try:
                kept.add(ord(bytes([0xA0 + row, 0xA0 + cell]).decode("gb2312")))
            except UnicodeDecodeError:
                pass
    return kept


def to_truetype(font):
    order, glyphs = font.getGlyphOrder(), {}
    outlines = font.getGlyphSet()
    for name in order:
        pen = TTGlyphPen(None)
        outlines[name].draw(Cu2QuPen(pen, TOLERANCE, reverse_direction=True))
        glyphs[name] = pen.glyph()
    font["loca"], font["glyf"] = newTable("loca"), newTable("glyf")
    font["glyf"].glyphOrder, font["glyf"].glyphs = order, glyphs
    for name in order:
        glyphs[name].recalcBounds(font["glyf"])
        width, _ = font["hmtx"][name]
        font["hmtx"][name] = (width, getattr(glyphs[name], "xMin", 0))
    for table in ("CFF ", "VORG"):
        if table in font:
            del font[table]
    maxp = font["maxp"]
    maxp.tableVersion = 0x00010000
    maxp.maxZones, maxp.maxTwilightPoints, maxp.maxStorage, maxp.maxFunctionDefs = 1, 0, 0, 0
    maxp.maxInstructionDefs, maxp.maxStackElements, maxp.maxSizeOfInstructions, maxp.maxComponentElements = 0, 0, 0, 0
    font["post"].formatType, font["post"].extraNames, font["post"].mapping = 3.0, [], {}
    font["head"].glyphDataFormat = 0
    font.sfntVersion = "\x00\x01\x00\x00"


def licence(copyright):
    lines = pathlib.Path(LICENCE).read_text().splitlines()
    start = max(at for at, line in enumerate(lines) if line == "License: SIL-1.1") + 1
    end = next(at for at in range(start, len(lines)) if lines[at].startswith("License:"))
    text = [line.strip().removeprefix(".") if line.strip() == "." else line[1:] for line in lines[start:end]]
    return f"{copyright}\n\n{NAME} is a part of Noto Sans CJK SC 2.004, made by tools/reportfont/make.py.\n\n" + "\n".join(text).rstrip() + "\n"


def main():
    font = next(f for f in TTCollection(SOURCE).fonts if "CJK SC" in f["name"].getDebugName(1))
    options = Options()
    options.layout_features, options.hinting, options.notdef_outline, options.name_IDs = [], False, True, [0, 13, 14]
    options.drop_tables += ["BASE", "GDEF", "GPOS", "GSUB", "vhea", "vmtx", "VORG"]
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=characters())
    subsetter.subset(font)
    to_truetype(font)
    for number, text in {1: NAME, 2: "Regular", 4: NAME, 6: NAME.replace(" ", "")}.items():
        font["name"].setName(text, number, 3, 1, 0x409)
    font["head"].created = font["head"].modified = 0
    font.recalcTimestamp = False
    folder = pathlib.Path("reports/font")
    folder.mkdir(parents=True, exist_ok=True)
    plain = folder / "XunfangReportSans.ttf"
    font.save(plain)
    with open(folder / "XunfangReportSans.ttf.gz", "wb") as out, gzip.GzipFile("", "wb", 9, out, mtime=0) as packed:
        packed.write(plain.read_bytes())
    print(plain.stat().st_size, (folder / "XunfangReportSans.ttf.gz").stat().st_size, len(font.getBestCmap()))
    plain.unlink()
    (folder / "OFL.txt").write_text(licence(font["name"].getDebugName(0)))


main()
