"""What counts as a word, script by script."""

from __future__ import annotations

import pytest

from pipelines import clean
from pipelines.evaluation import by_language, language_of_gold, score
from pipelines.render import words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Rain, then snow.", ["Rain", "then", "snow"]),
        ("東京で地震、10人けが", ["東", "京", "で", "地", "震", "10", "人", "け", "が"]),
        ("人々は「すごい」", ["人", "々", "は", "す", "ご", "い"]),
        ("北京2024年", ["北", "京", "2024", "年"]),
        ("𠮷野家", ["𠮷", "野", "家"]),  # beyond the Basic Multilingual Plane
        ("ที่ไทย", ["ที่", "ไ", "ท", "ย"]),  # vowel and tone marks belong to their consonant
        ("မြန်မာ", ["မြ", "န်", "မာ"]),
        ("ខ្មែរ", ["ខ្", "មែ", "រ"]),
        ("ລາວ", ["ລ", "າ", "ວ"]),
        ("한국어 기사", ["한국어", "기사"]),  # Korean writes spaces
        ("قال الوزير، أمس", ["قال", "الوزير", "أمس"]),
        ("مُحَمَّد كَتَبَ", ["مُحَمَّد", "كَتَبَ"]),  # vowelled words are one
        ("می\u200cخواهم", ["می\u200cخواهم"]),  # Persian's narrow gap does not part a word
        ("שָׁלוֹם עולם", ["שָׁלוֹם", "עולם"]),
        ('צה"ל הודיע', ['צה"ל', "הודיע"]),
        ("צה״ל ג'ירפה", ["צה״ל", "ג'ירפה"]),
        ('"שלום"', ["שלום"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("cafe\u0301 au lait", ["cafe\u0301", "au", "lait"]),
        ("\u0301", []),
        ("", []),
    ],
)
def test_words_of_a_script(text: str, found: list[str]) -> None:
    assert words(text) == found


def test_an_article_s_words_are_counted_as_its_script_writes_them() -> None:
    paragraph = (
        "政府は月曜日、川沿いの古い橋を来年の春までに架け替えると発表した。費用は四百万円で、三社が応札した。"
    )
    article = clean(
        f"<html><body><article><h1>橋の架け替え</h1>{f'<p>{paragraph}</p>' * 1}<p>{paragraph[:30]}。</p>"
    )
    assert article.word_count == len([c for c in article.text if c not in "、。\n"]) > 60


def test_scores_of_unspaced_scripts_see_single_characters() -> None:
    assert score("東京で地震", "東京で大地震").recall == pytest.approx(5 / 6)
    assert score("ที่ไทย", "ที่ไทย").f1 == 1


def test_means_by_language_put_the_language_with_most_pages_first() -> None:
    good, bad = score("a b", "a b"), score("a", "b")
    found = by_language([("de", good), ("th", bad), ("de", bad), ("ar", good)])
    assert [(name, t.pages, t.f1) for name, t in found.items()] == [
        ("de", 2, 0.5),
        ("ar", 1, 1.0),
        ("th", 1, 0.0),
    ]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (
            "Der Stadtrat hat am Montag beschlossen, die alte Brücke noch vor dem Winter wieder aufzubauen.",
            "de",
        ),
        (
            "قرر مجلس المدينة يوم الاثنين إعادة بناء الجسر القديم قبل حلول فصل الشتاء،.",
            "ar",
        ),
        ("too short", "?"),
    ],
)
def test_a_gold_text_tells_its_language(text: str, language: str) -> None:
    assert language_of_gold(text) == language
