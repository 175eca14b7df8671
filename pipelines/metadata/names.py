"""Whose name a byline carries: persons and organisations, freed of 'By', roles, places and dates.

The rules are the tables below. A byline passes through them in the order they stand: what cannot be part of
a name is cut out, the rest is parted into names, each name loses its role, and what is left is a person, an
organisation, or nothing. Where a part is neither clearly, nothing is claimed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Literal

from pipelines.metadata.headlines import site_forms
from pipelines.metadata.plain import fold, plain

Kind = Literal["person", "organisation"]

_MAX_BYLINE_CHARS = 600
_MAX_NAME_CHARS = 60
_MAX_NAME_WORDS = 6
_MAX_ORGANISATION_WORDS = 9
_MAX_NAMES = 40

#: Words that open a byline, by language. Longest first wins; the short ones need a space after them.
_OPENERS = (
    # English
    r"(?:written|posted|published|reported|reporting|story|words|article|analysis|opinion|review|report|text"
    r"|compiled|edited|created|submitted|contributed|authored|produced|updated|interview)\s+by",
    r"by", r"authors?", r"from", r"about the authors?",
    # German, Dutch, Scandinavian, Icelandic, Finnish
    r"(?:ein\s+|eine\s+)?(?:gastbeitrag|kommentar|analyse|interview|bericht|reportage|essay|kolumne|text|artikel|beitrag)"
    r"\s+von", r"von", r"vom", r"autor(?:in|en|innen)?", r"verfasst von", r"door", r"auteurs?", r"av", r"af", r"skrevet av",
    r"skrevet af", r"skrivet av", r"tekst", r"text", r"texte", r"texto", r"testo", r"eftir", r"kirjoittaja",
    # Romance languages
    r"par", r"publi[ée] par", r"[ée]crit par", r"propos recueillis par", r"por", r"escrito por", r"publicado por",
    r"redactado por", r"autora?", r"autore?", r"autrice", r"per", r"scritto da", r"a cura di", r"articolo di", r"di", r"da",
    r"de la redacción", r"articol (?:scris )?de", r"scris de",
    # Slavic, Baltic, Greek, Turkish, Hungarian
    r"автор(?:ы|и|ка)?", r"текст", r"подготовил[аи]?", r"підготувал[аи]", r"autorzy", r"autor(?:ka|ski|i|ři)?", r"napsal[a]?",
    r"piše", r"pise", r"opracował[a]?", r"του", r"της", r"γράφει (?:ο|η)", r"yazan", r"haber", r"írta", r"szerző",
    # Indonesian, Vietnamese
    r"oleh", r"penulis", r"reporter", r"editor", r"tác giả", r"theo",
    # South Asian
    r"लेखक", r"द्वारा",
    # Where it was taken from
    r"quelle", r"source", r"fuente", r"fonte", r"bron", r"kilde", r"källa", r"источник",
)  # fmt: skip
_OPENER = re.compile(
    rf"(?:{'|'.join(sorted(_OPENERS, key=len, reverse=True))})(?:\s*[:：]\s*|\s+)|(?-i:By|BY|Von|Por|Par)(?=[A-Z][a-z])",
    re.I,
)
#: The same in scripts that set no spaces: a mark or a space parts them from the name.
_TIGHT_OPENER = re.compile(
    r"(?:著者|執筆者?|文責|取材・文|取材|文・構成|文|筆者|ライター|作者|记者|記者|撰文|责任编辑|責任編輯|编辑|編輯|来源|글|기자|بقلم|كتب|كتبت|"
    r"إعداد|تحرير|מאת|נכתב על ידי|نویسنده|โดย)\s*[:：/／|]?\s*(?=\S)"
)
#: What stands behind a name without a space.
_TIGHT_TAIL = re.compile(
    r"\s*(?:기자|특파원|선임기자|인턴기자|논설위원|记者|記者|編集委員|さん|氏|著|訳|監訳|監修)$"
)
_KOREAN_OTHERS = re.compile(r"\s*(?:기자\s*)?외\s*\d+\s*[명인].*$")

#: Cut out wherever they stand: addresses, handles, brackets, initials of staff, dates, reading times.
_CUTS = re.compile(
    r"https?://\S*|www\.\S+|[\w.+-]+\s?(?:@|\(at\)|\[at\])\s?[\w-]+(?:\.[\w-]+)+|(?<!\w)@\w+|"
    r"\([^()]*\)|\[[^\[\]]*\]|（[^（）]*）|【[^【】]*】|[©®™]|"
    r"\b(?:follow(?: \w+)?(?: on)?|folgen|suivre|seguir|segui) (?:on )?(?:twitter|facebook|instagram|x|linkedin)\b.*|"
    r"\b(?:twitter|facebook|instagram|linkedin|e-?mail|view profile|orcid|full bio|see full bio|view orcid profile)\b",
    re.I,
)
#: From here on a byline speaks of something else.
_TAILS = re.compile(
    r"\s+(?:[|•·»›/–—]|-{1,2}|\|)\s+.*|\s*[|•›»].*|"
    r"(?i:[\s,;]+(?:(?:last\s+)?(?:updated|modified|reviewed)|published|posted|aktualisiert|veröffentlicht|publié|mis à jour|actualizado|publicado|aggiornato"
    r"|pubblicato|oppdatert|publisert|uppdaterad|publicerad|bijgewerkt|gepubliceerd|обновлено|опубликовано)\b.*)|"
    r"[\s,;]+(?:on\s+|am\s+|le\s+|el\s+|den\s+)?(?:\d{1,2}[./]\s?\d{1,2}[./]\s?\d{2,4}|\d{4}-\d{2}-\d{2}|\d{1,2}\.?\s\w+\s\d{4}"
    r"|\w+\s\d{1,2},\s\d{4}|\d{1,2}:\d{2}).*|"
    r"[\s,]+(?:special to|for|für|pour|per|para|voor|for the|exclusively for)\s+(?:the\s+)?[A-Z].*|"
    r",?\s+(?:in|aus|à|en|reporting from|reports from)\s+(?=[A-Z][^\s,]+(?:\s[A-Z]\S+)?$).*",
)
_NO_SPACED_DASH = re.compile(r"\s+(?:-{1,2}|[|•·»›/–—])\s+")

#: What stands between two names, by language. Those in `_CAREFUL` also stand inside Iberian, Catalan and
#: Dutch names: they part only what are two full names.
_HARD = re.compile(r"\s*[;；、，＆]\s*")
_AND = re.compile(
    r"(?:\s+|^)(?:and|und|et|och|og|ja|ir|và|dan|ve|&|\+|with|mit|avec|sowie|aŭ|и|та|й|і|και|es|és|oraz|şi|și)\s+|"
    r"\s+/\s+|\s*／\s*|\s+x\s+(?=[A-Z])|\s*\n\s*|(?<=\w\w)/(?=\w\w)"
)
_CAREFUL = re.compile(r"\s+(?:y|e|i|a|o|en|con|com|z)\s+")
_COMMA = re.compile(r"\s*,\s*")
#: What stands behind a comma and belongs to the name before it; other suffixes (degrees) are dropped.
_JOINED = re.compile(r"(?:jr|sr|ii|iii|iv|inc|llc|ltd|corp|co|gmbh)\.?$", re.I)
#: 'Doe, Jane' as databases write it: two capitalised words, perhaps an initial.
_SURNAME_FIRST = re.compile(r"[^\W\d_a-z][^\W\d_A-Z]{2,}(?:-\w+)?(?: [A-Z]\.?)?")
#: Who edited, translated or took the pictures did not write.
_NOT_BY = re.compile(
    r"(?:^|(?<=[;,|.])\s*|\s+)(?:(?:additional\s+)?(?:editing|edited|translated|translation|photos?|photographs?|photography|image[s]?|pictures?"
    r"|illustrations?|illustrated|video|graphics?)\s+by|fotos?\s*(?::|von|de|di|by)|bild(?:er)?\s*:|photos?\s*:|images?\s*:|crédits?\s*:|credit\s*:"
    r"|traducción de|traduction|übersetz\w+(?: von)?|redigering|イラスト|写真|撮影|图片?|사진)(?:\s|$|:|：|／).*",
    re.I,
)
_SUFFIXES = re.compile(
    r"^(?:jr|sr|ii|iii|iv|inc|llc|ltd|corp|co|gmbh|md|m\.d|phd|ph\.d|dds|rn|esq|mba|msc|ba|ma|bsc|llm|mph|do|rd|cfp|cpa)\.?$",
    re.I,
)

#: Roles: a part that is one of them, or begins with one, names nobody. Matched as stems of a word.
_ROLES = (
    "editor", "reporter", "correspondent", "journalist", "columnist", "contributor", "contributing", "freelance",
    "writer", "author", "producer", "photographer", "photo", "foto", "video", "bureau chief", "director",
    "professor", "analyst", "critic", "blogger", "intern", "fellow", "assistant", "associate", "senior", "managing",
    "deputy", "executive", "chief", "head of", "host", "anchor", "specialist", "expert", "strategist", "manager",
    "redakteur", "redaktor", "korrespondent", "autor", "volontär", "praktikant", "chefredakt", "ressortleit",
    "leiter", "journalistin", "kolumnist", "gastautor", "moderator", "reporterin", "fotograf", "wirtschaftsredakt",
    "rédacteur", "rédactrice", "journaliste", "correspondant", "envoyé", "chroniqueu", "pigiste", "grand reporter",
    "periodista", "redactor", "corresponsal", "enviad", "colaborador", "jefe", "jefa", "fotógraf", "columnista",
    "giornalista", "redattore", "redattrice", "corrispondente", "inviat", "collaborator", "direttore",
    "jornalista", "repórter", "editora", "colunista", "verslaggever", "redacteur", "correspondente",
    "journalista", "reportasjeleder", "korrespondens", "újságíró", "журналист", "корреспондент", "кореспондент",
    "редактор", "обозреватель", "колумнист", "журналістка", "muhabir", "editör", "gazeteci", "dziennikarz",
    "dziennikarka", "redaktork", "redaktør", "redaktör", "toimittaja", "wartawan", "jurnalis", "phóng viên",
    "profesorius", "politologas", "founder", "co-founder", "cofounder", "ceo", "cto", "cmo", "president", "vice president",
    "attorney", "lawyer", "owner", "consultant", "researcher", "lecturer", "scientist", "engineer", "developer", "coach",
)  # fmt: skip
_ROLE = re.compile(rf"(?:{'|'.join(map(re.escape, sorted(_ROLES, key=len, reverse=True)))})", re.I)
#: Roles that are set before a name without a comma.
_LEADING_ROLE = re.compile(
    r"^(?:(?:chef|sport|wirtschafts|politik|kultur|auslands|parlaments|gerichts|usa-|nahost-|lokal)?"
    r"(?:redakteur|redaktor|korrespondent|reporter|autor|kolumnist|volont[aä]r)(?:in|en|innen)?|journalist(?:e|in|a)?"
    r"|(?:senior|staff|chief|associate|freelance|contributing|political|sports|business|science|health|news|crime)\s+"
    r"(?:\w+\s+)?(?:writer|reporter|editor|correspondent|contributor|columnist|journalist)"
    r"|editor|reporter|correspondent|periodista|corresponsal|giornalista|корреспондент|журналист|muhabir)\s+(?=[^\W\d_a-z])",
    re.I,
)

#: News agencies by their short and full names (members of EANA, OANA and MINDS; each agency's own site).
AGENCIES: frozenset[str] = frozenset(
    fold(name)
    for name in (
        "AP|Associated Press|The Associated Press|AAP|Australian Associated Press|AFP|Agence France-Presse|Agence France Presse"
        "|Reuters|Thomson Reuters|Reuters Staff|dpa|Deutsche Presse-Agentur|dpa-infocom|dpa-AFX|dpa/tmn|dpa/lno|dpa-tmn"
        "|APA|Austria Presse Agentur|SDA|Keystone-SDA|Keystone|ATS|EFE|Agencia EFE|Europa Press|EP|ANSA|Adnkronos|AGI|LaPresse"
        "|Askanews|ANP|Belga|NTB|TT|Ritzau|Ritzaus Bureau|STT|BNS|ELTA|LETA|PAP|ČTK|CTK|TASR|SITA|MTI|STA|HINA|Tanjug|Beta|Fena"
        "|Agerpres|Mediafax|BTA|AMNA|ANA-MPA|TASS|ТАСС|RIA Novosti|РИА Новости|Interfax|Интерфакс|Ukrinform|Укрінформ|Унiан|УНІАН"
        "|UNIAN|Anadolu|Anadolu Agency|Anadolu Ajansı|AA|DHA|İHA|IHA|ANKA|Xinhua|新华社|新華社|中新社|中新网|CNA|中央社|Kyodo|共同通信"
        "|共同通信社|Kyodo News|Jiji|時事通信|時事通信社|時事|Yonhap|연합뉴스|News1|뉴스1|Newsis|뉴시스|PTI|Press Trust of India|ANI|IANS"
        "|UNI|TNN|APP|UNB|Bernama|Antara|VNA|TTXVN|PNA|Lusa|Agência Brasil|Agencia Brasil|Estadão Conteúdo|Folhapress|Télam"
        "|Telam|Notimex|MAP|APS|TAP|MENA|WAM|SPA|QNA|KUNA|Petra|NNA|SANA|IRNA|ISNA|Fars|Mehr|JTA|UPI|PA|PA Media|Press Association"
        "|Canadian Press|The Canadian Press|La Presse Canadienne|CP|Bloomberg|Bloomberg News|Dow Jones|Dow Jones Newswires|MarketWatch"
        "|KNA|epd|SID|sid|afp-tmn|AWP|AWP-SDA|Newswire|PR Newswire|Business Wire|GlobeNewswire|SWNS|Content Engine|Zuma Press|StatePoint"
        "|GNA|NAN|SAnews|PANA|News Agency of Nigeria|Ghana News Agency|Bangladesh Sangbad Sangstha|BSS|Press Association 2023"
    ).split("|")
)
#: Words that only the name of a newsroom, a firm or an institution has. Matched as whole words, folded.
_ORGANISATION_WORDS = re.compile(
    r"(?<!\w)(?:staff(?! writer)|news|newsroom|newsdesk|desk|team|editors|editorial|editor|press|agency|agencies|media|network|magazine"
    r"|journal|times|post|herald|tribune|gazette|today|online|digital|bureau|board|studios?|group|company|inc|llc|ltd|gmbh|ag|corp"
    r"|corporation|association|institute|university|foundation|society|council|ministry|department|office|committee|center|centre"
    r"|submissions|contributors|correspondents|reporters|writers|wire|wires|service|services|publishing|publisher|productions?|tv|radio"
    r"|fm|channel|club|union|federation|organisation|organization|project|international|redaktion(?:en)?|\w+redaktion|nachrichten|zeitung"
    r"|verlag|mediengruppe|agenturen?|agentur|presse|netzwerk|verein|verband|stiftung|rédaction|redaction|journalistes|agences?"
    r"|redacción|redaccion|agencias?|noticias|diario|periódico|redazione|agenzia|notizie|redação|redacao|equipe|agência|jornal"
    r"|redactie|persbureau|redaktionen|redaksjonen|toimitus|redakcja|redakce|redakcija|szerkesztőség|редакция|редакція|агентство|новости"
    r"|новини|газета|правда|merkezi|servisi|ajansı|gazetesi|redaksi|báo|tòa soạn|συντακτική|ομάδα"
    r"|newsteam|sportnet|guest|crew|admin(?:istrator)?|collective|coalition|initiative|party|church|museum|library|research|central)(?!\w)",
    re.I,
)
#: Of these, what is also a surname: where JSON-LD calls the bearer a person, it is one.
_SURNAMES = re.compile(
    r"(?<!\w)(?:post|press|church|guest|crew|wire|central|times|today|herald|gazette|journal|office|party|desk|club|board|center)$",
    re.I,
)
#: The same in scripts that set no spaces.
_TIGHT_ORGANISATION = re.compile(
    r"(?:編集部|編集局|編集室|新聞社?|通信社?|取材班|事務局|株式会社|放送|デジタル|报社?|日报|晚报|新闻|新聞網|网$|網$|社$|局$|部$|編輯部|编辑部|통신|뉴스|신문|일보"
    r"|편집국|방송|팀$|뉴스룸|وكالة|وكالات|صحيفة|فريق|تحرير|موقع|سانا|חדשות|מערכת|סוכנות|สำนักข่าว|กองบรรณาธิการ|न्यूज़?|डेस्क|भास्कर|समाचार|संवाददाता|टीम)"
)
_DOMAIN = re.compile(
    r"^[\w.-]+\.(?:com|org|net|info|co|de|at|ch|fr|it|es|nl|be|uk|us|ca|au|nz|se|no|dk|fi|is|ie|pt|br|ru|ua|pl|cz|sk|hu|ro|bg|gr|tr|jp|cn"
    r"|in|lt|lv|ee|si|hr|rs|eu|tv|news|media|online|io|ag|lu|li|mx|ar|cl|vn|kr|tw|hk|za|ng|ke|tz)\b.*$",
    re.I,
)
#: Stands in author fields and names nobody.
_NOBODY = frozenset(
    fold(word)
    for word in (
        "admin|administrator|administrador|administrateur|webmaster|root|user|guest|unknown|anonymous|anonym|anonyme|anónimo|null|none|nan"
        "|undefined|n/a|na|false|true|test|author|authors|autor|auteur|by|von|par|por|no author|not available|default|wordpress|wp|system"
        "|superuser|super user|site admin|siteadmin|web|webdesk|moderator|profile|follow|subscribe|share|comments|comment|home|more|read more"
        "|all posts|view all posts|posts|see bio|bio|about|contact|print|image|photo|getty|getty images|others|various|et al|me|us|we|you"
        "|veröffentlicht|aktualisiert|stand|publié|mis à jour|actualizado|publicado|aggiornato|pubblicato|oppdatert|publisert|uppdaterad"
        "|publicerad|bijgewerkt|gepubliceerd|обновлено|опубликовано|published|updated|posted|written|date|time|share this|editor's note|sponsored|advertisement|min read|minutes|reviewed"
        "|object object|person|organization|my bio|автор|редактор|기자|作者|记者|編集|佚名|匿名|नाम|منشور|various authors"
    ).split("|")
)
#: A role set behind a name without a comma.
_TRAILING_ROLE = re.compile(
    r"\s+(?:(?:senior|staff|chief|deputy|managing|associate|contributing|political|politics|national|sports?|business|science|health|crime"
    r"|freelance|special|foreign|white house|executive|global|world|us|uk|the)\s+)*(?:news\s+)?(?:editor|reporter|writer|correspondent"
    r"|contributor|columnist|journalist|redakteur(?:in)?|journaliste|periodista|giornalista)(?:\s.*)?$",
    re.I,
)
#: The short signs with which staff sign: they are no names.
_INITIALS = re.compile(r"[a-zäöü]{2,4}")
_TITLES = re.compile(r"^(?:(?:dr|prof|mr|mrs|ms|sir|dame|lord|lady|mag|ing|dipl|med|hon|rev)\.?\s+)+", re.I)
_LOWER_PARTICLES = frozenset(
    "de da do dos das del della di du des la le el al van von der den ten ter zu zum zur af av y e bin ibn ben abu bint"
    " san st mac mc o d l 't ap of the und und".split()
)
_WORD = re.compile(r"[^\W\d_]")
_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def clean_authors(
    raw: Iterable[str], *, site_name: str | None = None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The persons and the organisations that raw bylines name, in order, each once.

    Takes bylines as pages and dumps write them ('By Jane Doe and Max Muster, dpa | Updated …'). Names keep
    the spelling of the page. What is neither a person nor an organisation is left out.
    """
    return sort_names(((text, None) for text in raw), site_forms([site_name] if site_name else ()))


def sort_names(
    raw: Iterable[tuple[str, Kind | None]], site: Collection[str] = ()
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """As `clean_authors`, for bylines that come with a word on what they name; `site` as of `site_forms`."""
    persons: dict[str, str] = {}
    organisations: dict[str, str] = {}
    for byline, hint in raw:
        for name in part_names(byline, site):
            kind = kind_of(name, site, hint)
            if kind is not None and len(persons) + len(organisations) < _MAX_NAMES:
                found = persons if kind == "person" else organisations
                found.setdefault(_identity(name), name)
    return tuple(persons.values()), tuple(organisations.values())


def part_names(byline: str, site: Collection[str] = ()) -> list[str]:
    """The names in a byline, without openers, roles, places and dates; organisations still among them."""
    text = plain(byline)[:_MAX_BYLINE_CHARS]
    if _whole(text, site):
        return [text]
    text = _KOREAN_OTHERS.sub("", _CUTS.sub(" ", text))
    text = _opened(_NOT_BY.sub("", " ".join(text.split())))
    names = []
    for phrase in _HARD.split(_TAILS.sub("", text)):
        for piece in _by_commas(_NOT_BY.sub("", phrase)):
            for part in _AND.split(piece):
                names += [name for one in _careful(part) if (name := _bare(one))]
    return names


def _whole(text: str, site: Collection[str]) -> bool:
    """Whether the byline as it stands is one known organisation: not to be parted."""
    folded = fold(text)
    return folded in AGENCIES or (folded in site and len(folded) > 1)


def _opened(text: str) -> str:
    """`text` without the words that open a byline, however many."""
    for _ in range(3):
        opener = _OPENER.match(text) or _TIGHT_OPENER.match(text)
        if opener is None or opener.end() == len(text):
            break
        text = text[opener.end() :]
    return text.strip(" :,;-–—|/·•*\"'")


def _by_commas(phrase: str) -> list[str]:
    """The parts of 'Jane Doe, Max Muster, dpa' that name somebody; 'Jr.' goes back to its name.

    What follows a role or a description describes ('Jane Doe, editor, The Paper, London'); a single word
    after full names is a place ('Jane Doe, Berlin').
    """
    parts: list[str] = []
    for part in _COMMA.split(phrase):
        if parts and _SUFFIXES.match(part):
            if _JOINED.match(part):
                parts[-1] += f", {part}"
        elif parts and _describes(part):
            break
        elif part and not (parts and _is_place(part, parts)):
            parts.append(part)
    if len(parts) == 2 and all(_SURNAME_FIRST.fullmatch(part) for part in parts) and " " not in parts[0]:
        return [f"{parts[1]} {parts[0]}"]
    return parts


def _describes(part: str) -> bool:
    if _ROLE.match(part) and not _LEADING_ROLE.match(part):
        return True
    if _ROLE.match(part.rsplit(" ", 1)[-1]):
        return True
    lower = [w for w in part.split() if w[0].islower() and len(w) > 3 and w not in _LOWER_PARTICLES]
    return len(lower) > 1


def _is_place(part: str, before: list[str]) -> bool:
    return (
        " " not in part
        and (" " in before[0] or _is_organisation(before[0], fold(before[0]), ()))
        and not _CJK.search(part)
        and not _is_organisation(part, fold(part), ())
    )


def _careful(piece: str) -> list[str]:
    parts = _CAREFUL.split(piece)
    full = all(len(part.split()) > 1 or fold(part) in AGENCIES for part in parts)
    return parts if full else [piece]


def _bare(name: str) -> str:
    """One name without role, opener and stray marks."""
    name = _opened(name)
    name = _TRAILING_ROLE.sub("", _LEADING_ROLE.sub("", name))
    name = _TIGHT_TAIL.sub("", name) if _CJK.search(name) else name
    return re.sub(r"^\W+|[^\w.)]+$", "", name).strip()


def kind_of(name: str, site: Collection[str] = (), hint: Kind | None = None) -> Kind | None:
    """Whether a name is a person's or an organisation's; None when it names nobody."""
    folded = fold(name)
    words = name.split()
    if not folded or folded in _NOBODY or not _WORD.search(name) or len(name) > 2 * _MAX_NAME_CHARS:
        return None
    if _is_organisation(name, folded, site) and not (hint == "person" and _SURNAMES.search(name)):
        return "organisation" if len(words) <= _MAX_ORGANISATION_WORDS else None
    if hint == "organisation":
        return "organisation" if len(words) <= _MAX_ORGANISATION_WORDS else None
    if len(words) == 1 and name.isupper() and 1 < len(name) < 7 and hint is None and "." not in name:
        return "organisation"  # 'TIME', 'CNN': signs of outlets, not names
    return "person" if _may_be_person(name, words) else None


def _is_organisation(name: str, folded: str, site: Collection[str]) -> bool:
    if folded in AGENCIES or folded in site or _DOMAIN.match(name):
        return True
    if len(folded) > 4 and any(len(form) > 4 and (form in folded or folded in form) for form in site):
        return True
    if any(
        word.isupper() and len(word) > 1 and (fold(word) in AGENCIES or fold(word) in site)
        for word in name.split()[:3]
    ):
        return True
    return bool(_ORGANISATION_WORDS.search(name) or _TIGHT_ORGANISATION.search(name))


def _may_be_person(name: str, words: list[str]) -> bool:
    if len(name) > _MAX_NAME_CHARS or len(words) > _MAX_NAME_WORDS or any(c.isdigit() for c in name):
        return False
    if _ROLE.fullmatch(name) or re.search(r"[?!<>{}=_#%$]|\.\.\.|…|://", name):
        return False
    lower = [w for w in words if w[:1].islower() and w.lower() not in _LOWER_PARTICLES]
    if len(words) == 2 and words[0][0].isupper() and words[1] in lower:
        return False  # 'Personal finance': a heading
    return len(lower) * 2 <= len(words) or len(words) <= 2


def _identity(name: str) -> str:
    return fold(_TITLES.sub("", name))


def is_full_name(name: str) -> bool:
    """Whether a name has more than one word, or needs none (Chinese, Japanese, Korean)."""
    return " " in name or bool(_CJK.search(name))
