"""What the rules make of a page's lines, each claim on lines written for it."""

from __future__ import annotations

import pytest

from pipelines.rules import RuleLabeller
from pipelines.text_clean import clean_text

#: An article's middle, in which a line under test is set; three paragraphs before it and two after.
PARAGRAPHS = (
    "The harbour reopened on Friday, three days after the storm had closed it to all ships.",
    "Officials said the first ferries would leave in the afternoon, and that nobody had been hurt.",
    "The mayor thanked the crews who had worked through two nights to clear the channel of timber.",
    "Insurers expect the damage to the quays to cost several million, most of it covered by the state.",
    "The fish market will stay closed until Monday while its roof is being repaired by a local firm.",
)


def amid(line: str) -> tuple[str, str]:
    """Label and reason of a line set amid the article."""
    lines = [*PARAGRAPHS[:3], line, *PARAGRAPHS[3:]]
    block = clean_text("Harbour reopens after storm\n\n" + "\n\n".join(lines)).blocks[4]
    assert block.text == line
    return block.label, block.reason


def below(*lines: str) -> list[str]:
    """Labels of lines set below the article."""
    blocks = clean_text("\n\n".join(["Harbour reopens after storm", *PARAGRAPHS, *lines])).blocks
    return [block.label for block in blocks[-len(lines) :]]


@pytest.mark.parametrize(
    ("line", "label"),
    [
        ("Also Read: Ferry company orders two ships", "related"),
        ("READ MORE: Ferry company orders two ships", "related"),
        ("Lesen Sie auch: Reederei bestellt zwei Schiffe", "related"),
        ("À lire aussi : La compagnie commande deux navires", "related"),
        ("Lee también: La naviera encarga dos barcos", "related"),
        ("Leggi anche: La compagnia ordina due navi", "related"),
        ("Leia também: Companhia encomenda dois navios", "related"),
        ("Lees ook: Rederij bestelt twee schepen", "related"),
        ("Läs också: Rederiet beställer två fartyg", "related"),
        ("Læs også: Rederiet bestiller to skibe", "related"),
        ("Les også: Rederiet bestiller to skip", "related"),
        ("Lue myös: Varustamo tilaa kaksi laivaa", "related"),
        ("Czytaj także: Armator zamawia dwa statki", "related"),
        ("Читайте также: Компания заказала два судна", "related"),
        ("Читайте також: Компанія замовила два судна", "related"),
        ("اقرأ أيضا: الشركة تطلب سفينتين", "related"),
        ("相关阅读：航运公司订购两艘船", "related"),
        ("関連記事：フェリー会社が船を発注", "related"),
        ("관련기사: 여객선 회사, 배 두 척 주문", "related"),
        ("Baca juga: Perusahaan memesan dua kapal", "related"),
        ("Advertisement", "ad"),
        ("Werbung", "ad"),
        ("Publicité", "ad"),
        ("La noticia continúa después de la publicidad", "ad"),
        ("Artikeln fortsätter under annonsen", "ad"),
        ("Story continues below", "ad"),
        ("広告", "ad"),
        ("Subscribe to our newsletter", "newsletter"),
        ("Abonnez-vous", "newsletter"),
        ("Suscríbete a nuestra newsletter", "newsletter"),
        ("Bültenimize abone olun", "newsletter"),
        ("Sign up for our newsletter and get the best of the harbour in your inbox every day.", "newsletter"),
        ("Share this article", "share"),
        ("Artikel teilen", "share"),
        ("Поделиться", "share"),
        ("Facebook Twitter WhatsApp", "share"),
        ("The ferry Aurora at the quay on Friday. (Photo: Jane Example)", "caption"),
        ("The ferry Aurora at the quay on Friday. Jane Example/Getty Images", "caption"),
        ("Die Fähre Aurora am Kai. Foto: Jana Beispiel/dpa", "caption"),
        ("La nave al molo (ANSA)", "caption"),
        ("We use cookies to improve your experience. See our cookie policy.", "cookie"),
        ("Wir verwenden Cookies. Mehr in unserer Datenschutzerklärung.", "cookie"),
        ("Skip to main content", "nav"),
        ("What the insurers say", "heading"),
        ("Who will pay for the new roof?", "heading"),
        ("• The harbour: open from Friday", "list"),
        ("Nobody was hurt.", "body"),
        ("The list of open piers:", "body"),
    ],
)  # fmt: skip
def test_a_line_amid_the_article_gets_its_label(line: str, label: str) -> None:
    assert amid(line)[0] == label


@pytest.mark.parametrize(
    "line",
    [
        "Cookies made by the baker’s daughter were sold to the waiting passengers on the pier for charity.",
        "Related companies had offered to pay for the roof, but the mayor would not hear of it on Friday.",
        "By noon the first ferry had left for the islands with three hundred passengers and a dozen cars.",
        "“Share what you have,” the harbour master told the crews, who had not eaten since the morning.",
        "Watch officers reported waves of nine metres at the mouth of the channel early on Tuesday morning.",
        "The subscription model of the ferry company has brought it ten thousand commuters since the spring.",
        "He commented that the storm had been the strongest in forty years, and that more would follow soon.",
    ],
)
def test_sentences_that_begin_like_cues_stay(line: str) -> None:
    assert amid(line)[0] == "body"


def test_a_reason_quotes_the_cue() -> None:
    assert amid("Also Read: Ferry company orders two ships")[1] == "cue ‘also read’ at its start"


def test_recent_posts_own_titles_teasers_and_dates_to_the_end() -> None:
    lines = [
        "Recent Posts",
        "Bridge to the islands is to cost more than planned",
        "The government said the new bridge would cost twice as much as it had been told a year ago.",
        "December 5, 2025",
        "Museum of the sea wins a prize",
        "The small museum at the old pier has won a prize for its show on whaling in the north.",
        "December 4, 2025",
    ]
    assert set(below(*lines)) == {"related"}


def test_dates_of_recent_posts_are_not_the_articles() -> None:
    lines = [*PARAGRAPHS, "Recent Posts", "Museum of the sea wins a prize", "December 4, 2025"]
    assert clean_text("Harbour reopens after storm\n\n" + "\n\n".join(lines)).date_published is None


def test_a_section_amid_the_article_ends_where_the_text_comes_back() -> None:
    lines = [*PARAGRAPHS[:2], "Read more", "Ferry company orders two ships", *PARAGRAPHS[2:]]
    blocks = clean_text("Harbour reopens after storm\n\n" + "\n\n".join(lines)).blocks
    labels = [block.label for block in blocks[1:]]
    assert labels[:3] == ["body", "body", "related"]
    assert labels[4:] == ["body"] * 3


def test_a_bare_opener_before_a_subhead_leaves_the_subhead() -> None:
    lines = [*PARAGRAPHS[:2], "Keep Reading", "What the insurers say", *PARAGRAPHS[2:]]
    blocks = clean_text("Harbour reopens after storm\n\n" + "\n\n".join(lines)).blocks
    assert [(b.label, b.text) for b in blocks if b.label in {"related", "heading"}] == [
        ("related", "Keep Reading"),
        ("heading", "What the insurers say"),
    ]


def test_comments_below_the_article_are_a_thread_and_a_counter_above_it_is_not() -> None:
    thread = ["2 Comments", "Max says:", "I was on that ferry and I can tell you that it was quite a ride."]
    assert below(*thread, "Reply", "Ada says:", "So was I.")[0] == "comment_policy"
    assert below(*thread, "Reply", "Ada says:", "So was I, and never again.")[2] == "comment"
    lines = ["Harbour reopens after storm", "12 Comments", *PARAGRAPHS]
    assert clean_text("\n\n".join(lines)).text.count("\n\n") == len(PARAGRAPHS) - 1


def test_a_breadcrumb_glued_to_the_headline_is_navigation() -> None:
    dump = "HomeNewsHarbourHarbour reopens after the storm\n\nHarbour reopens after the storm\n\n"
    article = clean_text(dump + "\n\n".join(PARAGRAPHS))
    assert [b.label for b in article.blocks[:2]] == ["nav", "headline"]
    assert article.headline == "Harbour reopens after the storm"


def test_alt_text_and_caption_said_twice_are_captions() -> None:
    caption = "The ferry Aurora at the quay of the harbour on Friday morning"
    lines = ["Harbour reopens three days after the storm", caption, caption, *PARAGRAPHS]
    assert [b.label for b in clean_text("\n\n".join(lines)).blocks[1:3]] == ["caption", "caption"]


def test_a_standfirst_that_the_text_repeats_is_kept_at_its_later_place() -> None:
    lines = ["Harbour reopens after storm", PARAGRAPHS[0], "Photo: Jane Example/AFP", *PARAGRAPHS]
    article = clean_text("\n\n".join(lines))
    assert [b.label for b in article.blocks[1:4]] == ["duplicate", "caption", "body"]
    assert article.text.count(PARAGRAPHS[0]) == 1


def test_a_pull_quote_yields_to_its_paragraph() -> None:
    quote = "“We are glad to be back at work”"
    said = f"{quote}, said the harbour master, who had slept in her office for two nights in a row."
    lines = ["Harbour reopens after storm", *PARAGRAPHS[:3], quote, said, *PARAGRAPHS[3:]]
    blocks = clean_text("\n\n".join(lines)).blocks
    assert [b.label for b in blocks[4:6]] == ["duplicate", "body"]


def test_a_name_and_a_biography_below_the_article_are_no_text() -> None:
    bio = (
        "Ada Example is a reporter at the Harbour News. She writes about ships and the people who sail them."
    )
    article = clean_text("\n\n".join(["Harbour reopens after storm", *PARAGRAPHS, "Ada Example", bio]))
    assert article.blocks[-1].label == "author_bio"
    assert article.text.endswith(PARAGRAPHS[-1])


@pytest.mark.parametrize(
    ("line", "date"),
    [
        (
            "Washington, 27 November 2023 (ABC): The minister met her colleague.",
            "2023-11-27",
        ),
        ("WASHINGTON, Nov. 27, 2023 (Reuters) - The minister met her colleague.", "2023-11-27"),
        ("BERLIN, 3. Mai 2024 (dpa) – Die Ministerin traf ihren Kollegen zu Gesprächen.", "2024-05-03"),
        ("Rio de Janeiro, 3 de maio de 2024 - A ministra encontrou o colega.", "2024-05-03"),
        ("LONDON (Reuters) - The minister met her colleague on 3 May 2024.", None),
        ("PUTRAJAYA, Nov 22 — The minister met her colleague on Friday.", None),
    ],
)
def test_a_dateline_dates_the_article_only_with_day_and_year(line: str, date: str | None) -> None:
    dump = "\n\n".join(["Ministers meet for talks", line, *PARAGRAPHS])
    assert clean_text(dump).date_published == date
    assert line in clean_text(dump).text


@pytest.mark.parametrize("byline", ["Desk Writer", "By Newsroom", "Staff", "Redaktion", "(Reuters)"])
def test_newsrooms_and_agencies_are_no_authors(byline: str) -> None:
    article = clean_text("\n\n".join(["Harbour reopens after storm", byline, *PARAGRAPHS]))
    assert article.authors == ()
    assert byline not in article.text


def test_reporting_by_names_the_author_and_editing_by_does_not() -> None:
    credit = "Reporting by Ada Example; Additional reporting by Max Muster in Oslo; Editing by Jo Doe"
    article = clean_text("\n\n".join(["Harbour reopens after storm", *PARAGRAPHS, credit]))
    assert article.authors == ("Ada Example",)
    assert article.credits == credit


@pytest.mark.parametrize(
    ("dump", "kind"),
    [
        ("Page not found\n\nSorry, the page you are looking for does not exist.", "error"),
        ("404\n\nSeite nicht gefunden", "error"),
        ("", "other"),
        ("\n".join(f"• Section {n}" for n in range(40)), "index"),
        (
            "We value your privacy\n\nWe and our partners store and/or access information on a device, "
            "such as cookies, and process personal data for personalised ads, as far as you allow it.\n\n"
            "Accept all",
            "consent",
        ),
        (
            f"Harbour reopens after storm\n\n{PARAGRAPHS[0]}\n\nSubscribe to continue reading this article.",
            "paywall",
        ),
        ("Harbour reopens after storm\n\n" + "\n\n".join(PARAGRAPHS), "article"),
    ],
)  # fmt: skip
def test_a_dump_that_is_no_article_says_what_it_is(dump: str, kind: str) -> None:
    article = clean_text(dump, labeller=RuleLabeller())
    assert article.kind == kind
    assert bool(article.kind_reason) == (kind != "article")


def test_an_article_about_errors_is_no_error_page() -> None:
    article = clean_text("404 people died in storms this year\n\n" + "\n\n".join(PARAGRAPHS))
    assert (article.kind, article.kind_reason) == ("article", "")
