"""The words that tell names from what stands around them in bylines, by language.

Gathered from bylines of the press; agencies from the member lists of EANA, OANA and MINDS International.
Entries are separated by bars; lines and their indents do not matter.
"""

from __future__ import annotations


def entries(table: str, bar: str = "|") -> tuple[str, ...]:
    """The entries of a table, in order; `bar` is what parts them."""
    return tuple(" ".join(entry.split()) for entry in table.split(bar) if entry.strip())


#: Words that open a byline, as regular expressions.
OPENERS = entries(r"""
    (?:written|posted|published|reported|reporting|story|words|article|analysis|opinion|review|report)\s+by
    || (?:text|compiled|edited|created|submitted|contributed|authored|produced|updated|interview)\s+by
    || (?:view|see|show|read)\s+(?:all|more)\s+(?:posts|articles|stories)\s+(?:by|of|from)
    || (?:more|posts)\s+(?:by|from) || (?:zeige\s+)?alle\s+(?:beiträge|artikel)\s+von
    || voir tous les articles de || ver todas las entradas de
    || ver todos los artículos de || tutti gli articoli di || alle berichten van || visa alla inlägg av
    || by || authors? || from || about the authors? || text
    || (?:eine?\s+)?(?:gastbeitrag|kommentar|analyse|interview|bericht|reportage|essay|kolumne)\s+von
    || (?:artikel|beitrag)\s+von || (?:text|verfasst)\s+von || von || vom || autor(?:in|en|innen)?
    || door || auteurs? || tekst || av || af || skrevet av || skrevet af || skrivet av || eftir || kirjoittaja
    || par || publi[ée] par || [ée]crit par || propos recueillis par || texte
    || por || escrito por || publicado por || redactado por || autora? || texto
    || per || scritto da || a cura di || articolo di || di || da || autore? || autrice || testo
    || articol de || articol scris de || scris de
    || автор(?:ы|и|ка)? || текст || подготовил[аи]? || підготувал[аи]
    || autorzy || autor(?:ka|ski|i|ři)? || napsala? || piše || pise || opracowała?
    || του || της || γράφει ο || γράφει η || yazan || írta || szerző
    || oleh || penulis || reporter || editor || tác giả || theo || लेखक || द्वारा
    || quelle || source || fuente || fonte || bron || kilde || källa || источник
""", "||")  # fmt: skip

#: The same in scripts that set no spaces: a mark or nothing parts them from the name.
TIGHT_OPENERS = entries("""
    著者 | 執筆者 | 執筆 | 文責 | 取材・文 | 取材 | 文・構成 | 文 | 筆者 | ライター | 作者 | 记者
    | 記者 | 撰文
    | 责任编辑 | 責任編輯 | 编辑 | 編輯 | 来源 | 글 | 기자 | بقلم | كتبت | كتب | إعداد | تحرير
    | מאת | נכתב על ידי | نویسنده
    | โดย
""")
#: What stands behind a name without a space.
TIGHT_TAILS = entries("""
    선임기자 | 인턴기자 | 기자 | 특파원 | 논설위원 | 记者 | 記者 | 編集委員 | さん | 氏 | 著
    | 監訳 | 訳 | 監修
""")

#: What stands between two names.
CONJUNCTIONS = entries("""
    and | und | et | och | og | ja | ir | và | dan | ve | & | \\+ | with | mit | avec | sowie | и | та | й |
    і | και | es | és
    | oraz | şi | și
""")
#: These stand inside Iberian and other names too: they part only what are two full names.
CAREFUL_CONJUNCTIONS = entries("y | e | i | a | o | en | con | com | z")

#: Roles, as the beginnings of words: what is one of them, or begins with one, names nobody.
ROLES = entries("""
    editor | reporter | correspondent | journalist | columnist | contributor | contributing | freelance |
    writer | author
    | producer | photographer | photo | foto | video | bureau chief | director | professor | analyst |
    critic | blogger
    | intern | fellow | assistant | associate | senior | managing | deputy | executive | chief | head of |
    host | anchor
    | specialist | expert | strategist | manager | founder | co-founder | cofounder | ceo | cto | cmo |
    president
    | vice president | attorney | lawyer | owner | consultant | researcher | lecturer | scientist | engineer
    | developer
    | coach
    | redakteur | redaktor | korrespondent | autor | volontär | praktikant | chefredakt | ressortleit |
    leiter | kolumnist
    | gastautor | moderator | fotograf | wirtschaftsredakt
    | rédacteur | rédactrice | journaliste | correspondant | envoyé | chroniqueu | pigiste | grand reporter
    | periodista | redactor | corresponsal | enviad | colaborador | jefe | jefa | fotógraf | columnista
    | giornalista | redattore | redattrice | corrispondente | inviat | collaborator | direttore
    | jornalista | repórter | editora | colunista | correspondente | verslaggever | redacteur
    | reportasjeleder | korrespondens | redaktør | redaktör | toimittaja | újságíró
    | журналист | корреспондент | кореспондент | редактор | обозреватель | колумнист | журналістка
    | muhabir | editör | gazeteci | dziennikarz | dziennikarka | redaktork | wartawan | jurnalis | phóng
    viên
    | profesorius | politologas
""")

#: News agencies by their short and full names.
AGENCIES = entries("""
    AP | Associated Press | The Associated Press | AAP | Australian Associated Press | AFP | Agence
    France-Presse
    | Agence France Presse | Reuters | Thomson Reuters | Reuters Staff | Bloomberg | Bloomberg News | UPI |
    PA | PA Media
    | Press Association | Canadian Press | The Canadian Press | La Presse Canadienne | CP | Dow Jones
    | Dow Jones Newswires | MarketWatch | JTA | SWNS | PR Newswire | Business Wire | GlobeNewswire |
    Newswire | StatePoint
    | dpa | Deutsche Presse-Agentur | dpa-infocom | dpa-AFX | dpa-tmn | dpa/tmn | dpa/lno | afp-tmn | KNA |
    epd | SID
    | APA | Austria Presse Agentur | SDA | Keystone-SDA | Keystone | ATS | AWP | AWP-SDA
    | EFE | Agencia EFE | Europa Press | EP | ANSA | Adnkronos | AGI | LaPresse | Askanews | Lusa
    | ANP | Belga | NTB | TT | Ritzau | Ritzaus Bureau | STT | BNS | ELTA | LETA
    | PAP | ČTK | CTK | TASR | SITA | MTI | STA | HINA | Tanjug | Beta | Fena | Agerpres | Mediafax | BTA |
    AMNA | ANA-MPA
    | TASS | ТАСС | RIA Novosti | РИА Новости | Interfax | Интерфакс | Ukrinform | Укрінформ | УНІАН | UNIAN
    | Anadolu | Anadolu Agency | Anadolu Ajansı | AA | DHA | İHA | IHA | ANKA
    | Xinhua | 新华社 | 新華社 | 中新社 | 中新网 | CNA | 中央社 | Kyodo | Kyodo News | 共同通信 | 共同通信社
    | Jiji | 時事通信
    | 時事通信社 | 時事 | Yonhap | 연합뉴스 | News1 | 뉴스1 | Newsis | 뉴시스
    | PTI | Press Trust of India | ANI | IANS | UNI | TNN | APP | UNB | BSS | Bangladesh Sangbad Sangstha
    | Bernama | Antara | VNA | TTXVN | PNA
    | Agência Brasil | Agencia Brasil | Estadão Conteúdo | Folhapress | Télam | Telam | Notimex
    | MAP | APS | TAP | MENA | WAM | SPA | QNA | KUNA | Petra | NNA | SANA | IRNA | ISNA | Fars | Mehr
    | GNA | NAN | SAnews | PANA | News Agency of Nigeria | Ghana News Agency
""")

#: Words that hardly any but the name of a newsroom, a firm or an institution has, as whole words.
ORGANISATION_WORDS = entries(r"""
    staff(?!\swriter) | news | newsroom | newsdesk | newsteam | desk | team | editors? | editorial | press |
    agency | agencies
    | media | network | magazine | journal | times | post | herald | tribune | gazette | today | online |
    digital | bureau
    | board | studios? | group | company | inc | llc | ltd | gmbh | ag | corp | corporation | association |
    institute
    | university | foundation | society | council | ministry | department | office | committee | center |
    centre
    | submissions | contributors | correspondents | reporters | writers | wires? | services? | publishing |
    publisher
    | productions? | tv | radio | fm | channel | club | union | federation | organi[sz]ation | project |
    international
    | guest | crew | admin(?:istrator)? | collective | coalition | initiative | church | museum | library
    | redaktion(?:en)? | \w+redaktion | nachrichten | zeitung | verlag | mediengruppe | agentur(?:en)? |
    presse | netzwerk
    | verein | verband | stiftung
    | rédaction | redaction | journalistes | agences?
    | redacción | redaccion | agencias? | noticias | diario | periódico
    | redazione | agenzia | notizie | redação | redacao | equipe | agência | jornal
    | redactie | persbureau | redaktionen | redaksjonen | toimitus | redakcja | redakce | redakcija |
    szerkesztőség
    | редакция | редакція | агентство | новости | новини | газета
    | merkezi | servisi | ajansı | gazetesi | redaksi | báo | tòa soạn | συντακτική | ομάδα
""")
#: The same in scripts that set no spaces.
TIGHT_ORGANISATION_WORDS = entries("""
    編集部 | 編集局 | 編集室 | 新聞 | 通信社 | 取材班 | 事務局 | 株式会社 | 放送 | デジタル
    | 报社 | 日报 | 晚报 | 新闻 | 网$ | 網$
    | 社$ | 局$ | 部$ | 編輯部 | 编辑部 | 통신 | 뉴스 | 신문 | 일보 | 편집국
    | 방송 | 팀$ | وكالة | وكالات | صحيفة | فريق | تحرير
    | موقع | סוכנות | חדשות | מערכת | สำนักข่าว | กองบรรณาธิการ | न्यूज | डेस्क | समाचार |
    संवाददाता | टीम
""")
#: Of these, what is also a surname when it stands last: where JSON-LD calls the bearer a person, it is one.
SURNAMES = entries("""
    post | press | church | guest | crew | wire | times | today | herald | gazette | journal | office | desk
    | club | board
    | center
""")

#: What author fields hold that names nobody.
NOBODY = entries("""
    admin | administrator | administrador | administrateur | webmaster | root | user | guest | unknown |
    anonymous | anonym
    | anonyme | anónimo | null | none | nan | undefined | n/a | na | false | true | test | author | authors
    | autor | auteur
    | by | von | par | por | no author | not available | default | wordpress | wp | system | superuser |
    super user
    | site admin | siteadmin | web | webdesk | moderator | profile | follow | subscribe | share | comments |
    comment | home
    | more | read more | all posts | view all posts | posts | see bio | bio | about | contact | print |
    image | photo | getty
    | getty images | others | various | various authors | et al | me | us | we | you | published | updated |
    posted | written
    | date | time | share this | editor's note | sponsored | advertisement | min read | minutes | reviewed |
    member login
    | desk | desk writer | newsroom | newsdesk | news desk | web desk | staff | staff writer | staff reporter
    | click here | here | 退出 | 登录 | 登入 | login | log in | sign in | my account | written by
    | the author |
    read bio | full profile | my bio | archive | rss | website |
    object object
    | person | organization | veröffentlicht | aktualisiert | stand | publié | mis à jour | actualizado |
    publicado
    | aggiornato | pubblicato | oppdatert | publisert | uppdaterad | publicerad | bijgewerkt | gepubliceerd
    | обновлено
    | опубликовано | автор | редактор | 기자 | 作者 | 记者 | 編集 | 佚名 | 匿名 | नाम | منشور
""")

#: Words in lower case that belong to names.
PARTICLES = frozenset(entries("""
    de | da | do | dos | das | del | della | di | du | des | la | le | el | al | van | von | der | den | ten
    | ter | zu | zum
    | zur | af | av | y | e | bin | ibn | ben | abu | bint | san | st | mac | mc | o | d | l | 't | ap | of
    | the | und
"""))  # fmt: skip

#: Folders in which sites keep the pages of those who write for them.
AUTHOR_FOLDERS = frozenset(entries("""
    author | authors | autor | autoren | autores | autori | autorin | autora | autoras | auteur | auteurs
    | autore | staff | profile | profiles | people | person | personen | reporter | reporters | editor
    | editors | contributor | contributors | journalist | journalists | journaliste | journalistes | writer
    | writers | by | columnist | columnists | redakteur | redakteure | redaktion | redazione | firma | firmas
    | correspondent | correspondents | bio | bios | skribent | skribenter | forfatter | yazar | avtor
    | penulis | user | users | expert | experts | team
"""))  # fmt: skip
