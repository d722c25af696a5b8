"""The same sentence as others would type it: without diacritics, in the speech of the centre, in a hurry, with a greeting, with where it is.

Made in training only, each the same every time (by the text itself), so that the same phrases give the same model.
"""

import random
import re
from collections.abc import Iterator
from zlib import crc32

from hues.assist.triage.material import KEYWORDS, Labelled
from hues.kernel.text import vn_fold

_OPENINGS = (
    "Kính gửi cơ quan chức năng,", "Chào anh chị,", "Dạ cho em hỏi,", "Tôi xin phản ánh:", "Ad ơi", "Báo cáo:", "Alo", "Xin chào trung tâm,",
    "Tôi là người dân ở đây.", "Nhờ các anh chị xem giúp", "Bà con phản ánh", "Help,",
)  # fmt: skip
_CLOSINGS = (
    "Mong cơ quan chức năng sớm xử lý.", "Xin cảm ơn!", "Nhờ anh chị xem giúp ạ.", "Đề nghị kiểm tra.", "Ai xử lý giùm với",
    "Đã nhiều lần phản ánh rồi.", "Bức xúc quá!", "Mong được phản hồi sớm.", "Bà con rất lo lắng.", "Thank you.", "nhờ sửa giúp gấp",
    "Tình trạng kéo dài cả tháng nay.", "Mấy hôm nay rồi.",
)  # fmt: skip
_WHERE = (
    "ở {n} đường {street}", "trước nhà số {n} {street}", "kiệt {n} {street}", "gần ngã tư {street}", "đoạn qua {street}", "tổ {n} khu vực {n}",
    "đường {street} phường này", "đối diện số {n}", "cạnh chợ", "gần trường học", "bên cầu", "trước quán cà phê", "gần bệnh viện",
)  # fmt: skip
_STREETS = ("Nguyễn Văn A", "Trần Phú", "Lê Lợi", "Hai Bà Trưng", "Phan Bội Châu", "An Dương")

# The other way round than spelling.yaml: common words as the centre says them.
_DIALECT = {
    "đâu": "mô", "sao": "răng", "vậy": "rứa", "thế": "rứa", "này": "ni", "kia": "tê", "đó": "nớ", "giờ": "chừ", "tôi": "tui", "nước": "nác",
    "đường": "đàng", "thấy": "chộ", "làm": "mần", "sân": "cươi", "hỏng": "hư", "vỡ": "bể", "ngã": "té", "bẩn": "nhớp", "vào": "vô",
    "không": "không có", "gì": "chi", "đầu": "trốc", "nhiều": "lắm",
}  # fmt: skip
_HURRY = {
    "không": "ko", "được": "dc", "người": "ng", "nước": "nc", "với": "vs", "gì": "j", "vậy": "z", "cũng": "cx", "biết": "bít", "rồi": "r",
    "trước": "trc", "đường": "đg", "học sinh": "hs", "mọi người": "mn", "bây giờ": "bh", "ô tô": "oto", "quá": "wa", "mới": "ms", "phải": "fai",
}  # fmt: skip
_WORD = re.compile(r"\w+")


def variants(row: Labelled) -> Iterator[tuple[str, float]]:
    """(text, weight): the text itself, without diacritics, and as two others would have put it."""
    rng = random.Random(crc32(row.text.encode()))  # noqa: S311 - not a secret
    yield row.text, row.weight
    folded = vn_fold(row.text)
    if folded != row.text:
        yield folded, row.weight
    if row.voice == KEYWORDS and len(row.text.split()) < 4:  # a keyword is nobody's sentence
        return
    local = said(row.text, _DIALECT, rng, 0.6)
    if local != row.text:
        yield vn_fold(local), row.weight * 0.5  # with diacritics it becomes the text itself again
    yield vn_fold(dressed(said(row.text, _HURRY, rng, 0.7), rng)), row.weight * 0.5
    yield dressed(row.text, rng), row.weight * 0.7


def said(text: str, book: dict[str, str], rng: random.Random, share: float) -> str:
    """Words of `book` exchanged, each with chance `share`."""
    return _WORD.sub(
        lambda found: book[found[0].lower()] if found[0].lower() in book and rng.random() < share else found[0], text
    )


def dressed(text: str, rng: random.Random) -> str:
    """With a greeting, a place or a closing around it, as letters have them."""
    where = rng.choice(_WHERE).format(n=rng.randrange(2, 190), street=rng.choice(_STREETS))
    parts = [rng.choice(_OPENINGS) if rng.random() < 0.4 else "", text]
    parts.insert(rng.choice((1, 2)), where if rng.random() < 0.6 else "")
    parts.append(rng.choice(_CLOSINGS) if rng.random() < 0.5 else "")
    return " ".join(filter(None, parts))
