"""What does this line say about a person?  ID numbers, telephone numbers, card-reader lines, pinyin of names."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import phonenumbers
from pypinyin import Style, lazy_pinyin

from accounts.dates import today as shanghai_today
from accounts.masks import mask_address, mask_id, mask_name, mask_phone
from accounts.surnames import COMMON, DOUBLE_SURNAMES, READINGS
from accounts.text import TextRefused, clean_text

__all__ = [
    "FEMALE",
    "MALE",
    "UNKNOWN",
    "IdCard",
    "Scan",
    "TextRefused",
    "clean_document",
    "clean_text",
    "has_surname",
    "mask_address",
    "mask_id",
    "mask_name",
    "mask_phone",
    "normalise_phone",
    "parse_id",
    "parse_reader_line",
    "pinyin_full",
    "pinyin_initials",
    "show_phone",
]

# GB/T 2261.1, as petitions.models.Sex stores it.
MALE, FEMALE, UNKNOWN = "1", "2", "0"
OLDEST = 130  # years; nobody alive is older

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_MARKS = "10X98765432"
# Characters of names that pypinyin does not know, with one that sounds alike.
_SAME_READING = str.maketrans({"𠮷": "吉"})
_ID_SHAPE = re.compile(r"\d{17}[\dX]|\d{15}")
_ID_IN_TEXT = re.compile(r"(?<![0-9A-Za-z])(?:\d{6}[ \-]?\d{8}[ \-]?\d{3}[0-9Xx]|\d{15})(?![0-9A-Za-z])")


# --- resident ID (GB 11643) ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class IdCard:
    """A resident ID number read from text.

    ``number``: always 18 characters, so that an old 15-digit number and its successor are found by one hash.
    ``county``: the first six digits, where the person was first registered: a hint, since codes come and go.
    ``errors``: Chinese sentences; the number may be stored only when there are none.
    """

    number: str
    birth: date | None
    sex: str
    county: str
    was_15: bool
    errors: tuple[str, ...]

    @property
    def valid(self) -> bool:
        """Whether the number can exist."""
        return not self.errors


def parse_id(text: str, today: date | None = None) -> IdCard | None:
    """Return what an ID number says, or None when ``text`` has not the shape of one (then it is another document).

    Full-width digits, spaces, dashes and a small x are understood. ``today`` (Asia/Shanghai) bounds the birth date.
    """
    digits = re.sub(r"[\s\-·]", "", half_width(text)).upper()
    if not _ID_SHAPE.fullmatch(digits):
        return None
    number = _to_18(digits) if len(digits) == 15 else digits
    birth = _birth(number[6:14])
    errors = _id_errors(number, birth, today or shanghai_today())
    sex = MALE if int(number[16]) % 2 else FEMALE
    return IdCard(number, birth, sex, number[:6], len(digits) == 15, errors)


def check_mark(first_17: str) -> str:
    """Return the 18th character for 17 digits (ISO 7064 MOD 11-2)."""
    total = sum(int(digit) * weight for digit, weight in zip(first_17, _WEIGHTS, strict=True))
    return _CHECK_MARKS[total % 11]


def _to_18(digits: str) -> str:
    """Numbers of 15 digits were given out to people born in the 1900s and carry no check mark."""
    first_17 = f"{digits[:6]}19{digits[6:]}"
    return first_17 + check_mark(first_17)


def _birth(digits: str) -> date | None:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


def _id_errors(number: str, birth: date | None, today: date) -> tuple[str, ...]:
    errors = []
    if birth is None:
        errors.append("身份证号码中的出生日期不存在")
    elif birth > today:
        errors.append("身份证号码中的出生日期晚于今天")
    elif today.year - birth.year > OLDEST:
        errors.append(f"身份证号码中的出生日期超过{OLDEST}年")
    if check_mark(number[:17]) != number[17]:
        errors.append("身份证号码校验位不符，请核对是否录错")
    return tuple(errors)


def clean_document(kind: str, text: str) -> tuple[str, tuple[str, ...]]:
    """Return a document number in the form it is stored and hashed in, and errors.

    ``kind`` is petitions.models.IdKind: "111" (resident ID) is checked, every other kind only tidied.
    """
    tidy = re.sub(r"\s", "", half_width(text)).upper()
    if kind != "111" or not tidy:
        return tidy, ()
    card = parse_id(tidy)
    if card is None:
        return tidy, ("身份证号码应为18位（或旧的15位）",)
    return card.number, card.errors


# --- telephone -------------------------------------------------------------------------------------------------------


def normalise_phone(text: str, area_code: str = "") -> str | None:
    """Return a telephone number as "+8613812345678" (E.164, with ";ext=12" where there is one), or None.

    Mobiles, landlines with area code, 400 numbers, foreign ones with "+". ``area_code`` ("0579") is put before a
    local number of 7 or 8 digits.
    """
    tidy = re.sub(r"\s*(?:转|分机)\s*", " ext. ", half_width(text).strip())
    if area_code and re.fullmatch(r"[2-8]\d{2,3}[ \-]?\d{4}", tidy):
        tidy = area_code + tidy
    try:
        number = phonenumbers.parse(tidy, "CN")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    plain = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return f"{plain};ext={number.extension}" if number.extension else plain


def show_phone(phone: str) -> str:
    """Return a stored number as people in China write it: "138 1234 5678", "0579 8411 2345转12"."""
    plain, _, extension = phone.partition(";ext=")
    try:
        number = phonenumbers.parse(plain, "CN")
    except phonenumbers.NumberParseException:
        return phone
    home = number.country_code == 86
    form = phonenumbers.PhoneNumberFormat.NATIONAL if home else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    shown = phonenumbers.format_number(number, form)
    return f"{shown}转{extension}" if extension else shown


# --- pinyin ----------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def pinyin_syllables(name: str) -> tuple[str, ...]:
    """Return a name's syllables in order, lower case, without tones; Latin words stay whole, ü is v.

    Surnames with a reading of their own (曾 单 解 仇 盖 区 ...) come from a table, since a dictionary of words reads
    them as in common words. A character that no dictionary knows yields nothing.
    """
    name = half_width(name).strip().translate(_SAME_READING)
    surname = next((name[:size] for size in (2, 1) if name[:size] in READINGS), "")
    given = name[len(surname) :]
    readings = [*READINGS.get(surname, ())]
    for part in re.findall(r"[A-Za-z]+|[^\W\d_A-Za-z]+", given):
        readings += [part] if part.isascii() else lazy_pinyin(part, style=Style.NORMAL, errors="ignore")
    return tuple(reading.lower() for reading in readings)


def pinyin_initials(name: str) -> str:
    """Return the initials by which a name is searched: 张三丰 → "zsf", 阿卜杜拉·买买提 → "abdlmmt"; at most 30."""
    return "".join(syllable[0] for syllable in pinyin_syllables(name))[:30]


def pinyin_full(name: str) -> str:
    """Return the whole pinyin of a name in one word: 张三丰 → "zhangsanfeng"."""
    return "".join(pinyin_syllables(name))


# --- a line from a card reader, or a paste ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Scan:
    """What was found in a line; an empty string or None where nothing was."""

    name: str = ""
    sex: str = UNKNOWN
    birth: date | None = None
    address: str = ""
    card: IdCard | None = None
    phone: str = ""
    errors: tuple[str, ...] = ()


_LABELS = {
    "name": "姓名|名字|信访人|来访人",
    "sex": "性别",
    "nation": "民族",
    "birth": "出生日期|出生年月日|出生年月|出生|生日",
    "address": "家庭住址|联系地址|户籍地址|现住址|住址|地址|住所|现住",
    "id": "公民身份号码|公民身份证号码|居民身份证号码|身份证号码|身份证号|身份证|证件号码|身份号码",
    "phone": "联系电话|手机号码|手机号|手机|电话号码|电话|联系方式",
    "other": "签发机关|发证机关|有效期限|有效期|有效期至|证件类型|年龄|国籍|工作单位|职业|邮编|备注",
}
_LABEL_OF = {label: key for key, labels in _LABELS.items() for label in labels.split("|")}
# A label counts only with a colon, a verb or a blank after it: 地址 also stands in prose.
_LABEL = re.compile("(" + "|".join(sorted(_LABEL_OF, key=len, reverse=True)) + r")(?:\s*(?::|为|是)\s*|[ \t]+)")
_SEPARATORS = re.compile(r"[,，|;；\t\n、。]+")
_NATION = re.compile(r"[\u4e00-\u9fff]{1,8}族|汉")
_PHONE_IN_TEXT = re.compile(
    r"(?<![\dA-Za-z])(?:\+?86[ -]?)?(?:1[3-9]\d[ -]?\d{4}[ -]?\d{4}|0\d{2,3}[ -]?\d{7,8})(?!\d)"
)
_BIRTH_IN_TEXT = re.compile(r"((?:18|19|20)\d{2})[年\-/.]?(\d{1,2})[月\-/.]?(\d{1,2})日?(?:出)?生?")
_NAME = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]{2,4}")
_SPACED_NAME = re.compile(r"(?<![^\s,|;])([\u3400-\u9fff]) +([\u3400-\u9fff])(?![\u3400-\u9fff])")
_LONG_NAME = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]+(?:[·•][\u3400-\u9fff\U00020000-\U0003ffff]+)+")
_LATIN_NAME = re.compile(r"[A-Za-z][A-Za-z.'\-]*(?: [A-Za-z][A-Za-z.'\-]*){1,4}")
_ADDRESS_SIGN = re.compile(r"省|自治区|市|县|区|镇|乡|街道|村|路|街|巷|号|栋|室|组")
_PROVINCE = re.compile(r"[\u4e00-\u9fff]{2,3}省|[\u4e00-\u9fff]{2}市|.{2,6}自治区|内蒙古|广西|西藏|宁夏|新疆")
_OFFICE = re.compile(r"公安局|公安分局|派出所|出入境管理局")


def parse_reader_line(text: str, today: date | None = None) -> Scan:
    """Return the person that a line speaks of.

    Takes what ID-card readers type (fields parted by comma, bar, semicolon or tab), labelled lines ("姓名:… 性别:…"),
    and a free paste ("张三，男，汉族，住…，身份证号…"). Nation, issuing office and validity are passed over. What the ID
    says about birth and sex wins; a difference is named in ``errors``.
    """
    line = half_width(text).replace("\r", "\n")
    found = _labelled(line)
    card = _find_card(found.get("id", "") or line, today)
    phone = _find_phone(found.get("phone", "") or line, card)
    fields = _fields(line)
    name = _tidy_name(found.get("name", "")) or _find_name(fields)
    address = found.get("address", "") or _find_address(fields)
    stated_sex = _sex(found.get("sex", "")) or next(filter(None, map(_sex, fields)), UNKNOWN)
    stated_birth = _find_birth(found.get("birth", "")) or _free_birth(fields)
    return _scan(name, stated_sex, stated_birth, address, card, phone)


def _scan(name: str, sex: str, birth: date | None, address: str, card: IdCard | None, phone: str) -> Scan:
    if card is None:
        return Scan(name, sex, birth, address, None, phone)
    errors = list(card.errors)
    if card.valid and birth and birth != card.birth:
        errors.append("出生日期与身份证号码不一致，已按身份证号码填写")
    if card.valid and sex not in (UNKNOWN, card.sex):
        errors.append("性别与身份证号码不一致，已按身份证号码填写")
    own_sex, own_birth = (card.sex, card.birth) if card.valid else (sex, birth or card.birth)
    return Scan(name, own_sex, own_birth, address, card, phone, tuple(errors))


def _labelled(line: str) -> dict[str, str]:
    """Text after each label, up to the next label or line end; the first of two equal labels wins."""
    marks = list(_LABEL.finditer(line))
    found: dict[str, str] = {}
    for place, mark in enumerate(marks):
        end = marks[place + 1].start() if place + 1 < len(marks) else len(line)
        key = _LABEL_OF[mark.group(1)]
        value = line[mark.end() : end].strip().splitlines()
        found.setdefault(key, value[0].strip(" ,，|;；、。") if value else "")
    return found


def _fields(line: str) -> list[str]:
    """Pieces of an unlabelled line; a line parted by blanks alone is parted there, except between Latin words."""
    bare = _SPACED_NAME.sub(r"\1\2", _LABEL.sub("|", line))
    pieces = [piece.strip() for piece in _SEPARATORS.split(bare) if piece.strip()]
    return [part for piece in pieces for part in _parted(piece)]


def _parted(piece: str) -> list[str]:
    if _LATIN_NAME.fullmatch(piece):
        return [piece]
    return piece.split()


def _find_card(text: str, today: date | None) -> IdCard | None:
    cards = [card for found in _ID_IN_TEXT.findall(text) if (card := parse_id(found, today))]
    return next((card for card in cards if card.valid), cards[0] if cards else None)


def _find_phone(text: str, card: IdCard | None) -> str:
    if card is not None:
        text = _ID_IN_TEXT.sub(" ", text)
    return next(filter(None, map(normalise_phone, _PHONE_IN_TEXT.findall(text))), "")


def _sex(piece: str) -> str:
    return {"男": MALE, "男性": MALE, "女": FEMALE, "女性": FEMALE}.get(piece.strip(), "")


def _find_birth(text: str) -> date | None:
    match = _BIRTH_IN_TEXT.search(text)
    return _birth("{:0>4}{:0>2}{:0>2}".format(*match.groups())) if match else None


def _free_birth(fields: list[str]) -> date | None:
    """The first piece that is a date and nothing else; a card's validity (two dates) comes later on the line."""
    return next((_find_birth(piece) for piece in fields if _BIRTH_IN_TEXT.fullmatch(piece)), None)


def _tidy_name(text: str) -> str:
    return re.split(r"[,，;；|、(（]|\s{2,}", text.strip())[0].strip()


def _find_name(fields: list[str]) -> str:
    """The first piece that looks like a name and has a known surname, else the first piece if it can be a name."""
    cleaned = [re.sub(r"^(?:我叫|本人|我是)", "", piece) for piece in fields]
    able = [piece for piece in cleaned if _can_be_name(piece)]
    return next(filter(has_surname, able), "") or next((piece for piece in cleaned[:1] if piece in able), "")


def _can_be_name(piece: str) -> bool:
    if _NAME.fullmatch(piece):
        return not (_NATION.fullmatch(piece) or _sex(piece) or _OFFICE.search(piece))
    return bool(_LONG_NAME.fullmatch(piece) or _LATIN_NAME.fullmatch(piece))


def has_surname(text: str) -> bool:
    """Whether ``text`` begins with a surname that many bear, or is a name of several parts (阿卜杜拉·买买提)."""
    return text[:1] in COMMON or text[:2] in DOUBLE_SURNAMES or bool(_LONG_NAME.fullmatch(text))


def _find_address(fields: list[str]) -> str:
    """The longest piece with two signs of an address (a province at its head is one) that is no issuing office."""
    able = [piece for piece in fields if _address_signs(piece) >= 2 and not _OFFICE.search(piece)]
    return re.sub(r"^(?:现?住在?|家住|户籍地?):?", "", max(able, key=len, default=""))


def _address_signs(piece: str) -> int:
    return len(_ADDRESS_SIGN.findall(piece)) + bool(_PROVINCE.match(piece))


# --- characters ------------------------------------------------------------------------------------------------------


def half_width(text: str) -> str:
    """Return ``text`` with full-width letters, digits and the ideographic space made plain; all else stays as it is."""
    return "".join(map(_half, text))


def _half(mark: str) -> str:
    return unicodedata.normalize("NFKC", mark) if "\uff01" <= mark <= "\uff5e" or mark == "\u3000" else mark
