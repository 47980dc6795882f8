"""What does a line say about a person?  Every number here is made up; check marks are computed."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.identity import (
    FEMALE,
    MALE,
    UNKNOWN,
    check_mark,
    clean_document,
    normalise_phone,
    parse_id,
    parse_reader_line,
    pinyin_full,
    pinyin_initials,
    show_phone,
)

TODAY = date(2026, 11, 26)


def made_up(county: str, birth: str, order: str) -> str:
    first_17 = county + birth + order
    return first_17 + check_mark(first_17)


MAN = made_up("330726", "19800101", "001")
WOMAN = made_up("330726", "19551231", "002")


# --- resident ID -----------------------------------------------------------------------------------------------------


def test_the_check_mark_follows_the_published_weights() -> None:
    assert check_mark("11010519491231002") == "X"  # the worked example of GB 11643-1999


def test_a_good_number_says_birth_sex_and_county() -> None:
    card = parse_id(WOMAN, TODAY)
    assert card is not None
    assert (card.valid, card.birth, card.sex, card.county) == (True, date(1955, 12, 31), FEMALE, "330726")


def test_a_county_code_of_the_past_or_of_nowhere_is_no_error() -> None:
    for county in ("330721", "422801", "990101"):
        card = parse_id(made_up(county, "19600229", "011"), TODAY)
        assert card is not None
        assert card.valid


@pytest.mark.parametrize(
    "text",
    ["11010519491231002x", " 110105 19491231 002X ", "１１０１０５１９４９１２３１００２Ｘ", "110105-19491231-002X"],
)
def test_small_x_spaces_dashes_and_full_width_digits_are_understood(text: str) -> None:
    card = parse_id(text, TODAY)
    assert card is not None
    assert (card.number, card.valid) == ("11010519491231002X", True)


def test_an_old_number_of_15_digits_is_found_by_its_number_of_18() -> None:
    old = parse_id(MAN[:6] + MAN[8:17], TODAY)
    assert old is not None
    assert (old.number, old.was_15, old.valid) == (MAN, True, True)


@pytest.mark.parametrize(
    ("number", "error"),
    [
        (MAN[:17] + ("0" if MAN[17] != "0" else "1"), "校验位"),
        (made_up("330726", "19800230", "001"), "不存在"),
        (made_up("330726", "19811301", "001"), "不存在"),
        (made_up("330726", "20261127", "001"), "晚于今天"),
        (made_up("330726", "18900101", "001"), "超过130年"),
    ],
)
def test_an_impossible_number_says_what_is_wrong(number: str, error: str) -> None:
    card = parse_id(number, TODAY)
    assert card is not None
    assert not card.valid
    assert error in card.errors[0]


@pytest.mark.parametrize("text", ["", "E12345678", "33072619800101001", "3307261980010100123", "33072619800101001A"])
def test_what_has_not_the_shape_is_no_resident_id(text: str) -> None:
    assert parse_id(text, TODAY) is None


@given(st.text(max_size=40))
def test_no_text_breaks_the_reading_of_ids_lines_and_phones(text: str) -> None:
    parse_id(text, TODAY)
    parse_reader_line(text, TODAY)
    normalise_phone(text)
    pinyin_initials(text)


@given(st.dates(date(1900, 1, 1), date(2026, 1, 1)), st.integers(0, 999), st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(birth: date, order: int, place: int, change: int) -> None:
    number = made_up("330726", f"{birth:%Y%m%d}", f"{order:03d}")
    wrong = number[:place] + str((int(number[place]) + change) % 10) + number[place + 1 :]
    card = parse_id(wrong, TODAY)
    assert card is not None
    assert not card.valid


def test_other_documents_pass_through_tidied() -> None:
    assert clean_document("414", " e 1234５678 ") == ("E12345678", ())
    assert clean_document("111", MAN.lower()) == (MAN, ())
    assert clean_document("111", "E1234")[1] == ("身份证号码应为18位（或旧的15位）",)
    assert clean_document("111", "") == ("", ())


# --- telephone -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "stored", "shown"),
    [
        ("13812345678", "+8613812345678", "138 1234 5678"),
        ("１３８ １２３４ ５６７８", "+8613812345678", "138 1234 5678"),
        ("+86 138-1234-5678", "+8613812345678", "138 1234 5678"),
        ("008613812345678", "+8613812345678", "138 1234 5678"),
        ("0579-84112345", "+8657984112345", "0579 8411 2345"),
        ("（0579）84112345", "+8657984112345", "0579 8411 2345"),
        ("0579-84112345转801", "+8657984112345;ext=801", "0579 8411 2345转801"),
        ("400-812-3123", "+864008123123", "400 812 3123"),
        ("+1 650 253 0000", "+16502530000", "+1 650-253-0000"),
    ],
)
def test_a_telephone_number_has_one_stored_form(text: str, stored: str, shown: str) -> None:
    assert normalise_phone(text) == stored
    assert show_phone(stored) == shown


@pytest.mark.parametrize(
    "text", ["", "12345", "110", "1381234567", "138123456789", "23812345678", "电话不详", "84112345"]
)
def test_what_nobody_can_be_called_on_is_no_number(text: str) -> None:
    assert normalise_phone(text) is None


def test_a_local_number_takes_the_area_code_of_the_county() -> None:
    assert normalise_phone("84112345", "0579") == "+8657984112345"


# --- pinyin ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "initials", "full"),
    [
        ("张三丰", "zsf", "zhangsanfeng"),
        ("曾小贤", "zxx", "zengxiaoxian"),
        ("单雄信", "sxx", "shanxiongxin"),
        ("解晓东", "xxd", "xiexiaodong"),
        ("仇和平", "qhp", "qiuheping"),
        ("盖叫天", "gjt", "gejiaotian"),
        ("区大为", "odw", "oudawei"),
        ("查良镛", "zly", "zhaliangyong"),
        ("尉健行", "wjx", "weijianxing"),
        ("尉迟恭", "ycg", "yuchigong"),
        ("长孙无忌", "zswj", "zhangsunwuji"),
        ("万俟雪", "mqx", "moqixue"),
        ("单于明", "cym", "chanyuming"),
        ("吕布", "lb", "lvbu"),
        ("阿卜杜拉·买买提", "abdlmmt", "abodulamaimaiti"),
        ("John Smith", "js", "johnsmith"),
        ("𠮷㛃䶮", "jjy", "jijieyan"),
        ("", "", ""),
    ],
)
def test_a_name_is_found_by_the_initials_people_would_type(name: str, initials: str, full: str) -> None:
    assert (pinyin_initials(name), pinyin_full(name)) == (initials, full)


def test_initials_fit_their_column() -> None:
    assert len(pinyin_initials("浦江县农业农村局" * 10)) == 30


# --- a line ----------------------------------------------------------------------------------------------------------

ADDRESS = "浙江省浦江县浦阳街道人民路1号"


@pytest.mark.parametrize("mark", [",", "，", "|", ";", "；", "\t"])
def test_a_card_readers_line_is_read_whatever_parts_it(mark: str) -> None:
    fields = ["张三", "男", "汉", "19800101", ADDRESS, MAN, "浦江县公安局", "20100101", "20300101"]
    scan = parse_reader_line(mark.join(fields), TODAY)
    assert scan.card is not None
    assert (scan.name, scan.sex, scan.birth, scan.address, scan.card.number, scan.errors) == (
        "张三", MALE, date(1980, 1, 1), ADDRESS, MAN, (),
    )  # fmt: skip


@pytest.mark.parametrize("gap", [" ", "\n", "，", ""])
def test_a_labelled_line_is_read(gap: str) -> None:
    fields = [
        "姓名：李四",
        "性别：女",
        "民族：汉族",
        "出生：1955年12月31日",
        f"住址：{ADDRESS}",
        f"公民身份号码：{WOMAN}",
        "电话：13812345678",
    ]
    scan = parse_reader_line(gap.join(fields), TODAY)
    assert scan.card is not None
    assert (scan.name, scan.sex, scan.birth, scan.address, scan.card.number, scan.phone, scan.errors) == (
        "李四", FEMALE, date(1955, 12, 31), ADDRESS, WOMAN, "+8613812345678", (),
    )  # fmt: skip


def test_labels_parted_from_their_words_by_blanks_are_read() -> None:
    scan = parse_reader_line(f"姓名 王五 性别 男 住址 {ADDRESS} 公民身份号码 {MAN}", TODAY)
    assert (scan.name, scan.sex, scan.address) == ("王五", MALE, ADDRESS)


def test_a_free_paste_is_read() -> None:
    scan = parse_reader_line(
        f"我叫张三丰，男，汉族，1980年1月1日出生，住{ADDRESS}，身份证号{MAN}，电话138 1234 5678", TODAY
    )
    assert scan.card is not None
    assert (scan.name, scan.sex, scan.birth, scan.address, scan.card.number, scan.phone) == (
        "张三丰", MALE, date(1980, 1, 1), ADDRESS, MAN, "+8613812345678",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("阿卜杜拉·买买提\t男\t维吾尔", "阿卜杜拉·买买提"),
        ("John Smith, 13912345678", "John Smith"),
        ("𠮷田,女", "𠮷田"),
        ("王 五 13912345678", "王五"),
        ("反映问题，李梅，0579-84112345", "李梅"),
        ("欧阳娜娜|女", "欧阳娜娜"),
        ("", ""),
    ],
)
def test_names_of_every_kind_are_found(line: str, name: str) -> None:
    assert parse_reader_line(line, TODAY).name == name


def test_the_card_wins_over_what_is_stated_and_the_difference_is_named() -> None:
    scan = parse_reader_line(f"姓名：张三 性别：女 出生：1981-01-01 公民身份号码：{MAN}", TODAY)
    assert (scan.sex, scan.birth) == (MALE, date(1980, 1, 1))
    assert len(scan.errors) == 2


def test_a_mistyped_card_does_not_overrule_what_is_stated() -> None:
    wrong = MAN[:17] + ("0" if MAN[17] != "0" else "1")
    scan = parse_reader_line(f"姓名：张三 性别：女 公民身份号码：{wrong}", TODAY)
    assert scan.sex == FEMALE
    assert "校验位" in scan.errors[0]


def test_a_line_with_nothing_known_says_nothing() -> None:
    scan = parse_reader_line("??? 12", TODAY)
    assert (scan.name, scan.sex, scan.birth, scan.address, scan.card, scan.phone) == ("", UNKNOWN, None, "", None, "")
