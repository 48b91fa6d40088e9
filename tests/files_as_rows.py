"""Small pictures, sounds, texts and documents, some of them hostile, as rows."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import struct
import wave
import zipfile
import zlib

import numpy as np
import soundfile
from PIL import Image

#: What a column holds of a file, its type, and what else is declared of it.
COLUMNS = {
    "path": ("string", {"primaryKey": True}),
    "folder": ("string", {"enum": [{"value": "cat"}, {"value": "dog"}]}),
    "date": ("date", {}),
    "state": ("string", {"enum": [{"value": "read"}]}),
    "kind": ("string", {}),
    "bytes": ("integer", {}),
    "content": ("string", {"unique": True}),
    "width": ("integer", {"logicalTypeOptions": {"minimum": 20}}),
    "height": ("integer", {}),
    "seconds": ("number", {}),
}
FIRST = dt.date(2024, 1, 1)


def said(**properties):
    return [{"property": f"readiness.{n}", "value": v} for n, v in properties.items()]


def contract(path, *facts, columns=(), form="files", **of_table):
    """A table `t` of files; a fact's column is called after it."""
    properties = list(columns)
    for fact in facts or COLUMNS:
        kind, more = COLUMNS[fact]
        how = {"writtenAs": "yyyyMMdd"} if fact == "date" else {}
        own = said(ofFile=fact, **how)
        properties.append(
            {"name": fact, "logicalType": kind, "customProperties": own, **more}
        )
    server = {"server": "here", "type": "local", "path": path, "format": form}
    table = {
        "name": "t",
        "properties": properties,
        "customProperties": said(**of_table),
    }
    return json.dumps(
        {"apiVersion": "v3.2.0", "kind": "DataContract", "id": "c", "version": "1",
         "status": "active", "servers": [server], "schema": [table]}
    )  # fmt: skip


def pictures(folder, days=30):
    """A picture a day in each of two folders; each is another, of 16 to 45 pixels."""
    for at, label in enumerate(("cat", "dog")):
        (folder / label).mkdir(parents=True, exist_ok=True)
        for n in range(days):
            day = FIRST + dt.timedelta(n)
            picture = Image.new("RGB", (16 + n, 20), (n, at, 9))
            picture.save(
                folder / label / f"IMG_{day:%Y%m%d}_{n}.{('png', 'jpg')[n % 2]}"
            )


def noise(file):
    Image.effect_noise((90, 90), 60).save(file)
    return file


def cut(file, of):
    file.write_bytes(of.read_bytes()[: of.stat().st_size // 2])


def sound(file, seconds=1):
    with wave.open(str(file), "wb") as stream:
        stream.setnchannels(1)
        stream.setsampwidth(2)
        stream.setframerate(8000)
        stream.writeframes(b"\0\1" * 8000 * seconds)
    return file


def bomb(file):
    """A picture of 50,000 x 50,000 pixels, as its header says."""
    parts = (b"IHDR" + struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0), b"IEND")
    made = (struct.pack(">I", len(p) - 4) + p + struct.pack(">I", zlib.crc32(p))
            for p in parts)  # fmt: skip
    file.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(made))


def every_kind(folder):
    """A file of each kind, and each that cannot be used; by name, what is true of it."""
    folder.mkdir(parents=True)
    at = folder.joinpath
    noise(at("a.png")), noise(at("a.jpg")), noise(at("a.webp")), noise(at("a.gif"))
    shutil.copy(at("a.jpg"), at("misnamed.png"))
    sound(at("a.wav"))
    soundfile.write(at("a.flac"), np.zeros(4000), 8000)
    soundfile.write(at("float.wav"), np.zeros(4000), 8000, subtype="FLOAT")
    at("a.txt").write_text("grüß", "utf-8")
    at("a.pdf").write_bytes(b"%PDF-1.7\n...\n%%EOF\n")
    with zipfile.ZipFile(at("a.docx"), "w") as parts:
        parts.writestr("word/document.xml", "<w/>")
    for name in ("a.png", "a.jpg", "a.webp", "a.wav", "a.pdf", "a.docx"):
        cut(at(f"cut.{name[2:]}"), at(name))
    bomb(at("bomb.png"))
    at("page.png").write_text("<html>404</html>")
    at("empty.png").touch()
    at("cp1252.txt").write_bytes(b"caf\xe9")
    at("clip.mov").write_bytes(b"1")
    at("link.txt").symlink_to("/etc/hostname")
    os.mkfifo(at("pipe.png"))
    os.mkfifo(at("pipe.txt"))
    with open(os.fsencode(folder) + b"/\xff\xfe.png", "wb") as file:  # noqa: PTH123 - bytes
        file.write(at("a.gif").read_bytes())
    picture = {"width": 90, "height": 90}
    return {
        "a.png": {"kind": "PNG", **picture},
        "a.jpg": {"kind": "JPEG", **picture},
        "a.webp": {"kind": "WEBP", **picture},
        "a.gif": {"kind": "GIF", **picture},
        "misnamed.png": {"kind": "JPEG", **picture},
        os.fsdecode(b"\xff\xfe.png"): {"kind": "GIF", **picture},
        "a.wav": {"kind": "WAV", "seconds": 1.0},
        "a.flac": {"kind": "FLAC", "seconds": 0.5},
        "float.wav": {"kind": "WAV", "seconds": 0.5},
        "a.txt": {"kind": "text"},
        "a.pdf": {"kind": "PDF"},
        "a.docx": {"kind": "DOCX"},
        **{f"cut.{one}": {"state": "damaged"}
           for one in ("png", "jpg", "webp", "wav", "pdf", "docx")},
        "page.png": {"state": "damaged"},
        "bomb.png": {"state": "too large"},
        "empty.png": {"state": "empty", "content": None},
        "cp1252.txt": {"state": "not UTF-8"},
        "clip.mov": {"state": None, "unread": "their names end in .mov"},
        "link.txt": {"state": "link", "content": None},
        "pipe.png": {"state": "no file", "content": None},
        "pipe.txt": {"state": "no file", "content": None},
    }  # fmt: skip
