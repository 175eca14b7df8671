"""Words that pages of one kind show in their short lines: shops, forums, lists. Counted, never decisive alone."""

from __future__ import annotations

from collections.abc import Iterable
from types import MappingProxyType
from typing import Final

from pipelines.cues.late import late

#: Group → words and phrases of two words, folded, of scripts that part words.
_SPACED: Final[dict[str, str]] = {
    "cart": """
        cart|basket|wishlist|buy now|in stock|out of|free shipping|free delivery|shipping|checkout|quantity|qty|sku
        sold out|size guide|customer reviews|write a|regular price|sale price|unit price|returns|pre-order
        warenkorb|einkaufswagen|auf lager|lieferbar|lieferzeit|versandkosten|versandkostenfrei|mwst|menge|artikelnummer
        au panier|en stock|livraison gratuite|quantité|al carrito|la cesta|en existencias|envío gratis|cantidad
        al carrello|spedizione gratuita|quantità|ao carrinho|comprar agora|em estoque|frete grátis|in winkelwagen
        op voorraad|gratis verzending|varukorgen|kundvagnen|i kurv|handlekurv|ostoskoriin|do koszyka|do košíku
        sepete ekle|kosárba|в корзину|в наличии|доставка|до кошика|إلى السلة|לסל""",
    "forum": """
        joined|registered|posts|reputation|reply|replies|quote|quoted|last post|original poster|op|thread|topic|views
        upvote|upvotes|votes|answer|answers|answered|asked|edited by|member since|senior member|new member
        junior member|moderator|wrote|said|likes|solved|accepted answer|to reply|report post|permalink|mod|karma
        beiträge|registriert|antworten|zitieren|zitat von|thema|schrieb|mitglied seit|messages|inscription|répondre
        citer|a écrit|sujet|mensajes|registrado|responder|citar|escribió|tema|messaggi|rispondi|ha scritto|mensagens
        escreveu|berichten|lid sinds|schreef|citeren|inlägg|svara|citera|wpisy|posty|odpowiedz|cytuj|napisał|příspěvky
        odpovědět|yanıtla|alıntı|ответить|цитата|сообщений|писал|регистрация|відповісти|цитувати|رد|اقتباس""",
    "ago": "ago|vor|hace|há|fa|geleden|sedan|siden|temu|önce|назад|тому|منذ|il y",
    "sort": """
        sort by|filter|filters|filter by|refine|showing|results|items|products|listings|per page|load more|show more
        view all|see all|next page|clear all|best seller|best sellers|bestseller|most popular|relevance|sortieren
        filtern|ergebnisse|alle anzeigen|mehr laden|trier par|filtrer|résultats|voir tout|ordenar por|filtrar
        resultados|ver todo|ordina per|risultati|mostra tutti|sorteren|resultaten|sortera|visa alla|sortuj|wyniki
        pokaż więcej|сортировать|показать ещё""",
    "stars": """
        stars|star|reviews|review|ratings|rating|bewertungen|avis|reseñas|opiniones|recensioni|avaliações
        beoordelingen|recensioner|opinii|отзывов|отзыва""",
    "more": """
        read more|learn more|find out|view details|view product|view more|shop now|see more|details|discover|explore
        get started|contact us|book now|sign up|mehr erfahren|weiterlesen|mehr lesen|jetzt kaufen|la suite
        en savoir|découvrir|leer más|saber más|ver más|leggi tutto|leggi di|scopri|scopri di|saiba mais|leia mais
        lees meer|läs mer|les mer|læs mere|lue lisää|czytaj więcej|подробнее|читать далее""",
}  # fmt: skip
#: The same in scripts that do not.
_UNSPACED: Final = MappingProxyType({
    "cart": late("カートに入れる|在庫あり|送料無料|加入购物车|立即购买|加入購物車|장바구니"),
    "forum": late("返信|投稿者|回复|回覆|楼主|发表于|發表於|답글"),
    "ago": late(r"\d\s?(?:分|時間|日|分钟|小时|天|分鐘|小時)前|\d\s?(?:분|시간|일) 전"),
    "sort": late("並び替え|絞り込み|\\d件|排序|筛选|篩選|정렬"),
    "stars": late("レビュー|评价|評價|리뷰|[★☆]{3}"),
    "more": late("詳しく|続きを読む|もっと見る|查看更多|阅读更多|閱讀更多|더보기"),
})  # fmt: skip
GROUPS: Final = tuple(_SPACED)
_GROUP_OF: Final = {
    phrase.strip(): group
    for group, rows in _SPACED.items()
    for row in rows.split("\n")
    for phrase in row.split("|")
    if phrase.strip()
}
_WORD: Final = late(r"[^\W\d_]+(?:-[^\W\d_]+)?")
#: An amount with its currency, before or after.
PRICE: Final = late(
    r"(?:[$€£¥₹₩₽₺₴₪฿]|\b(?:USD|EUR|GBP|CHF|Rs|kr|R\$|zł|Kč|Ft|lei|руб|грн)\b\.?)\s?\d"
    r"|\d\s?(?:€|£|₽|₺|₴|zł|Kč|円|元|원|kr\b|руб\b|грн\b|lei\b|Ft\b)"
)
#: Words of a page's title that name where it stands.
FORUM_TITLE: Final = late(
    r"\b(?:forums?|message boards?|discussions?|community|foros?|comunidad|communauté|comunità|diskussion|questions?"
    r"|q&a|форум)\b|フォーラム|掲示板|论坛|論壇|포럼|منتدى"
)
SHOP_TITLE: Final = late(
    r"\b(?:buy|shop|price|prices|sale|online store|kaufen|günstig|acheter|achat|pas cher|comprar|precio|acquista"
    r"|prezzo|comprar|preço|kopen|köp|kjøp|køb|osta|kup|sklep|koupit|satın al|купить|цена|купити)\b|通販|价格|購入|구매"
)
#: Systems that make forums and shops, as `meta generator` names them.
FORUM_SYSTEM: Final = late(
    r"discourse|flarum|phpbb|vbulletin|xenforo|invision|mybb|\bsmf\b|nodebb|bbpress|woltlab|burning board|punbb|fluxbb"
    r"|simple machines|vanilla|lemmy|discuz|question2answer|askbot|yabb|khoros|lithium"
)
SHOP_SYSTEM: Final = late(
    r"shopify|woocommerce|magento|prestashop|opencart|shopware|bigcommerce|oxid|zen ?cart|volusion|jtl|ecwid"
)
#: What news and shop systems write into the classes of `body`: what the page is. From the templates that
#: WordPress (`get_body_class`), Drupal, Magento, Shopify's themes, Joomla and TYPO3 come with.
BODY_NAMES: Final = MappingProxyType({
    "single": late(
        r"(?:single(?:-post|-format.*|-news.*|-article.*)?|postid-\d+|post-template.*|(?:page-)?node-type-(?:article|news|blog|story).*"
        r"|template-article|article(?:-?page|-detail|-template)?|story|story-page|is-article|page-article|view-article)$"
    ),
    "archive": late(
        r"(?:archive|category|tag|author|date|search|search-results|blog|home|paged(?:-\d+)?|tax-.*|term-.*|category-.*|tag-.*"
        r"|post-type-archive.*|path-frontpage|front|page-taxonomy-term|view-category|template-(?:collection|search|blog|list-collections|index)"
        r"|catalog-category-view|catalogsearch-.*|section-?(?:front|page)?|homepage|index-?page|listing-?page|tag-?page)$"
    ),
    "product": late(
        r"(?:single-product|template-product|catalog-product-view|product-?(?:page|detail|template).*|page-products_.*|woocommerce.*|is-product)$"
    ),
    "forum": late(
        r"(?:bbpress|forum.*|topic.*|single-topic|section-(?:viewtopic|viewforum)|nojs notouch.*|viewtopic|viewforum|thread.*|ipsapp.*|discussion.*|question.*)$"
    ),
    "page": late(r"(?:page|page-id-\d+|page-template.*|page-child|template-page|landing-?page)$"),
    "error": late(r"(?:error404|error-?page|page-404|template-404|not-found|error)$"),
})  # fmt: skip
#: Lines longer than this are text, whatever words they hold.
SHORT_CHARS: Final = 80


def cue_counts(lines: Iterable[str]) -> dict[str, int]:
    """How often short lines show a cue of each group, and, as `prices`, how many of them show a price."""
    counts = dict.fromkeys((*GROUPS, "prices"), 0)
    for line in lines:
        if len(line) > SHORT_CHARS:
            continue
        before = ""
        for word in _WORD.findall(line.lower()):
            group = _GROUP_OF.get(word) or _GROUP_OF.get(f"{before} {word}")
            if group:
                counts[group] += 1
            before = word
        if not line.isascii() and any(c >= "\u3040" for c in line):
            for group, form in _UNSPACED.items():
                counts[group] += bool(form.search(line))
        if any(map(str.isdigit, line)) and PRICE.search(line):
            counts["prices"] += 1
    return counts
