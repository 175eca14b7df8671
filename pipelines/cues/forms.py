# ruff: noqa: SIM905 - one language or form a line reads better than a wrapped table
"""Lines told by their form: dates and counters, bylines, datelines, credits, breadcrumbs, addresses."""

from __future__ import annotations

import re

from pipelines.cues.late import late

#: Month names and their usual abbreviations → number, in many languages, case folded, without a final dot.
MONTHS: dict[str, int] = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar jänner janvier janv enero ene gennaio gen janeiro januari ocak января январь янв січня січень styczeń stycznia sty leden ledna tammikuu tammikuuta ianuarie január januára ιανουαρίου ιαν يناير כانون ינואר जनवरी ιανουάριος janúar jaanuar janvāris sausio gennaiu januára siječnja januara jan.",
            "february feb februar février févr fev febrero febbraio fevereiro februari şubat февраля февраль фев лютого лютий luty lutego lut únor února helmikuu helmikuuta februarie február φεβρουαρίου φεβ فبراير פברואר फरवरी febrúar veebruar februāris vasario veljače februara",
            "march mar märz maerz mrz mars marzo março maart mart марта март мар березня березень marzec marca březen března maaliskuu maaliskuuta martie március μαρτίου μαρ مارس מרץ मार्च märts marts kovo ožujka",
            "april apr avril avr abril abr aprile nisan апреля апрель апр квітня квітень kwiecień kwietnia kwi duben dubna huhtikuu huhtikuuta aprilie április απριλίου απρ أبريل ابريل אפריל अप्रैल aprīlis balandžio travnja aprila",
            "may mai mayo maggio mag maio mei maj mayıs мая май травня травень maja květen května toukokuu toukokuuta május μαΐου μαΐ مايو מאי मई maí maijs gegužės svibnja",
            "june jun juni juin junio giugno giu junho haziran июня июнь июн червня червень czerwiec czerwca cze červen června kesäkuu kesäkuuta iunie június ιουνίου ιουν يونيو יוני जून júní juuni jūnijs birželio lipnja juna",
            "july jul juli juillet juil julio luglio lug julho temmuz июля июль июл липня липень lipiec lipca lip červenec července heinäkuu heinäkuuta iulie július ιουλίου ιουλ يوليو יולי जुलाई júlí juuli jūlijs liepos srpnja jula",
            "august aug août aout agosto ago augustus augusti ağustos августа август авг серпня серпень sierpień sierpnia sie srpen srpna elokuu elokuuta augusztus αυγούστου αυγ أغسطس אוגוסט अगस्त ágúst augusts rugpjūčio kolovoza avgusta",
            "september sep sept septembre septiembre settembre set setembro eylül сентября сентябрь сен сент вересня вересень wrzesień września wrz září syyskuu syyskuuta septembrie szeptember σεπτεμβρίου σεπ سبتمبر ספטמבר सितंबर septembris rugsėjo rujna septembra",
            "october oct oktober okt octobre octubre ottobre ott outubro out ekim октября октябрь окт жовтня жовтень październik października paź říjen října lokakuu lokakuuta octombrie október οκτωβρίου οκτ أكتوبر אוקטובר अक्टूबर oktoober oktobris spalio listopada-hr oktobra",
            "november nov novembre noviembre novembro kasım ноября ноябрь ноя листопада листопад listopad listopada lis marraskuu marraskuuta noiembrie νοεμβρίου νοε نوفمبر נובמבר नवंबर nóvember novembris lapkričio studenoga novembra",
            "december dec dezember dez décembre déc diciembre dic dicembre dezembro aralık декабря декабрь дек грудня грудень grudzień grudnia gru prosinec prosince joulukuu joulukuuta decembrie december δεκεμβρίου δεκ ديسمبر דצמבר दिसंबर desember des detsember decembris gruodžio prosinca decembra",
        ),
        1,
    )
    for name in names.split()
}  # fmt: skip

_MONTH = "|".join(sorted((re.escape(m) for m in MONTHS), key=len, reverse=True))
_DAY_FIRST = rf"(?P<d1>\d{{1,2}})(?:st|nd|rd|th|er|\.|º|ª|-го)?\s*(?:of\s+|de\s+|d[’']\s*)?(?P<m1>{_MONTH})\b\.?,?(?:\s+(?:de\s+|del\s+)?|\s*[-/]\s*)(?P<y1>\d{{4}})"
_MONTH_FIRST = rf"\b(?P<m2>{_MONTH})\b\.?\s+(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y2>\d{{4}})"
_ISO = r"(?<!\d)(?P<y3>(?:19|20)\d\d)[-/.](?P<m3>0?[1-9]|1[0-2])[-/.](?P<d3>0?[1-9]|[12]\d|3[01])(?!\d)"
_DOTTED = r"(?<![\d.])(?P<d4>0?[1-9]|[12]\d|3[01])(?P<sep>[./-])\s?(?P<m4>0?[1-9]|1[0-2])(?P=sep)\s?(?P<y4>(?:19|20)\d\d)(?!\d)"
_US = r"(?<![\d.])(?P<m6>0?[1-9]|1[0-2])/(?P<d6>1[3-9]|2\d|3[01])/(?P<y6>(?:19|20)\d\d)(?!\d)"
_CJK = r"(?P<y5>(?:19|20)\d\d)\s*[年년]\s*(?P<m5>\d{1,2})\s*[月월]\s*(?P<d5>\d{1,2})\s*[日일]"
#: A whole calendar date, with its parts in numbered groups.
DATE = late(rf"(?:{_CJK}|{_ISO}|{_US}|{_DOTTED}|{_DAY_FIRST}|{_MONTH_FIRST})", re.IGNORECASE)
#: A day and month without a year: enough to tell a date line, not to date an article.
SHORT_DATE = late(
    rf"(?:\b\d{{1,2}}(?:st|nd|rd|th|\.)?\s+(?:{_MONTH})\b|\b(?:{_MONTH})\b\.?\s+\d{{1,2}}\b|\b\d{{1,2}}\.\d{{1,2}}\.(?=\s|,|$)|\b\d{{1,2}}/\d{{1,2}}(?=\s|,|$)(?!\s*$)|\d{{1,2}}[月월]\s?\d{{1,2}}[日일])",
    re.IGNORECASE,
)
TIME = late(
    r"\b(?P<h>[01]?\d|2[0-4])(?:[:.h](?P<min>[0-5]\d))(?::(?P<s>[0-5]\d))?\s*(?P<ap>[ap]\.?m\.?)?|\b(?P<h2>1[0-2]|0?[1-9])\s*(?P<ap2>[ap]\.?m\.?)(?!\w)",
    re.IGNORECASE,
)
ZONE = late(
    r"(?:\b(?P<name>UTC|GMT|Z|CET|CEST|EST|EDT|CST|CDT|MST|MDT|PST|PDT|BST|IST|JST|KST|MSK|ET|PT)\b)?\s*(?P<off>[+-]\d{1,2}(?::?[0-5]\d)?(?!\d))?"
)
RELATIVE = late(
    r"(?:\b\d+|\b(?:an?|one|two|few|several))\s*(?:min(?:ute)?s?|mins?|h(?:ou)?rs?|h|days?|weeks?|months?|years?|d|w|mo|yrs?)\.?\s+ago\b"
    r"|\b\d+\s*(?:hours?|days?|minutes?)$"
    r"|\bvor\s+(?:\d+|einer|einem|einigen)\s+(?:minuten?|stunden?|tag(?:en)?|wochen?|monat(?:en)?|jahr(?:en)?)"
    r"|\bil y a\s+\d+\s*\w+|\bhace\s+\d+\s+\w+|\bhá\s+\d+\s+\w+|\b\d+\s+\w+\s+atrás|\b\d+\s+\w+\s+fa\b"
    r"|\b\d+\s+(?:uur|dagen|dag|minuten|weken)\s+geleden|\bfor\s+\d+\s+\w+\s+siden|\b\d+\s+\w+\s+(?:sedan|siden|sitten|temu|önce)"
    r"|\b\d+\s+\w+\s+(?:назад|тому)|(?:منذ|قبل)\s+\d*\s*\w+|\d+\s*(?:分|時間|日|週間|か月|ヶ月|年)前|\d+\s*(?:分钟|分鐘|小时|小時|天|周|个月|年)前|\d+\s*(?:분|시간|일|주|개월|년)\s*전"
    r"|\bpřed\s+\d+\s+\w+|\b\d+\s+\w+\s+trước|\b\d+\s+\w+\s+(?:yang\s+)?lalu",
    re.IGNORECASE,
)  # fmt: skip
READING_TIME = late(
    r"^\W*(?:reading time|read time|time to read|estimated reading time|lesezeit|temps de lecture|lecture|tempo di lettura|tiempo de lectura|tempo de leitura|leestijd|lästid|læsetid|lesetid|lukuaika|czas czytania|okuma süresi|время чтения|час читання)?\W*(?:ca\.?\s*)?\d+(?:\s*[-–]\s*\d+)?\s*(?:-?\s*min(?:ute|uten|utes|uti|utos|uto|uter|uuttia|s)?\b\.?|мин\w*|хв\w*|dk\b|dakika|分|분|분钟|分钟|دقائق|دقيقة)\s*(?:read|reads|lesezeit|de lecture|di lettura|de lectura|de leitura|leestijd|läsning|lesetid|læsetid|lesen|okuma|чтения|读|で読めます|čtení)?\W*$",
    re.IGNORECASE,
)  # fmt: skip
#: Words that stand beside a date or a byline without saying anything else.
DATE_WORDS = late(
    r"\b(?:published|updated|last|update|modified|posted|on|at|by|the|of|uhr|stand|um|am|le|à|el|il|alle|ore|em|às|de|den|kl|klo|o|god|г|р|om|h|hrs|edt|est|ist|gmt|utc|et|cet|cest|bst|pst|pdt|local|time|a\.?m|p\.?m|mon|tue|tues|wed|thu|thur|thurs|fri|sat|sun|monday|tuesday|wednesday|thursday|friday|saturday|sunday|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|mo|di|mi|do|fr|sa|so|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|lunes|martes|miércoles|jueves|viernes|sábado|domingo|lunedì|martedì|mercoledì|giovedì|venerdì|sabato|domenica|segunda|terça|quarta|quinta|sexta|feira|maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|zondag|måndag|tisdag|onsdag|torsdag|fredag|lördag|söndag|mandag|tirsdag|lørdag|søndag|poniedziałek|wtorek|środa|czwartek|piątek|sobota|niedziela|pazartesi|salı|çarşamba|perşembe|cuma|cumartesi|pazar|понедельник|вторник|среда|четверг|пятница|суббота|воскресенье|понеділок|вівторок|середа|четвер|п'ятниця|субота|неділя|الاثنين|الثلاثاء|الأربعاء|الخميس|الجمعة|السبت|الأحد|thứ|hai|ba|tư|năm|sáu|bảy|chủ|nhật|senin|selasa|rabu|kamis|jumat|sabtu|minggu|wib|veröffentlicht|aktualisiert|zuletzt|erstellt|online|seit|heute|gestern|publié|mis|jour|modifié|modifica|publicado|actualizado|pubblicato|aggiornato|atualizado|gepubliceerd|bijgewerkt|publicerad|uppdaterad|publisert|oppdatert|opdateret|publiceret|julkaistu|päivitetty|opublikowano|aktualizacja|güncelleme|güncellenme|yayınlanma|son|tarihi|опубликовано|обновлено|опубліковано|оновлено|first|today|yesterday|ago|read|min|mins|minutes?|hours?|comments?|views?|from|to|and|und|et|y|e|i|и|та)\b|[月日火水木金土曜星期一二三四五六天更新公開発布时间時間配信投稿掲載最終]|오전|오후|입력|수정|등록|[年년월일]",
    re.IGNORECASE,
)  # fmt: skip

_UPPER = "A-ZÀ-ÖØ-ÞĀĂĄĆĈĊČĎĐĒĔĖĘĚĜĞĠĢĤĦĨĪĬĮİĴĶĹĻĽĿŁŃŅŇŊŌŎŐŒŔŖŘŚŜŞŠŢŤŦŨŪŬŮŰŲŴŶŸŹŻŽȘȚА-ЯЁІЇЄҐΑ-ΩΆΈΉΊΌΎΏ"
#: One name word: capitalised, or an initial, or a particle.
_NAME_WORD = rf"(?:(?:[{_UPPER}][\w’'`-]*\.?)(?:-[{_UPPER}][\w’']*)*|(?:d|l|o)[’'][{_UPPER}]\w+|de|del|della|di|da|do|dos|das|du|la|le|van|von|der|den|zu|zur|bin|ibn|al|el|ter|ten|af|av|y|e)"
#: A person's name: two to five such words, the first and the last capitalised.
PERSON = late(rf"^[{_UPPER}][\w’'`.-]*(?:\s+{_NAME_WORD}){{0,4}}\s+[{_UPPER}][\w’'`.-]*$")
PERSON_CJK = late(
    r"^[\u4e00-\u9fff\u3040-\u30ff]{2,4}(?:\s[\u4e00-\u9fff\u3040-\u30ff]{1,4})?$|^[\uac00-\ud7a3]{2,4}$"
)
BY = late(
    r"^[\s–—|/•-]*(?:by|written by|story by|words by|posted by|published by|reported by|article by|text by|review by|interview by|opinion by|analysis by|author(?:s)?(?: of the article)?\s*:?|von|ein kommentar von|eine analyse von|ein gastbeitrag von|interview von|kommentar von|par|écrit par|publié par|por|escrito por|publicado por|texto|di|a cura di|scritto da|door|av|af|skrevet av|skrevet af|tekst|text|teksti|autor(?:in|zy|ka)?\s*:?|auteur\s*:?|autore\s*:?|yazar\s*:?|yazan\s*:?|автор(?:ы|и)?\s*:?|текст\s*:?|بقلم\s*:?|كتب(?:ت)?\s*:?|מאת\s*:?|oleh|penulis\s*:?|reporter\s*:?|tác giả\s*:?|szerző\s*:?|írta\s*:?|作者\s*[:：]?|记者\s*[:：]?|記者\s*[:：]?|文\s*[/／:：]|글\s*[=·:]?)[\s:：|-]+(?P<names>\S.*)$",
    re.IGNORECASE,
)  # fmt: skip

#: A dateline at the head of a paragraph: place(s), then a date, an agency in brackets, or both, then a dash or
#: colon. ("WASHINGTON, May 3 (Reuters) -", "Berlin, 3. Mai 2024 (dpa) –", "LONDON (AP) —".)
DATELINE = late(
    rf"^(?P<place>[{_UPPER}][\w’'.-]*(?:[ ,/]{{1,2}}(?:[{_UPPER}][\w’'.-]*|de|la|do|da|del|am|an|der|sur|upon|los|las|el)){{0,5}}?)"
    rf"(?:,?\s*[(\[]?(?P<date>(?i:{_DAY_FIRST}|{_MONTH_FIRST}|{_ISO}|{_DOTTED}|{_CJK}|\d{{1,2}}\.?\s+(?:{_MONTH})\b|(?:{_MONTH})\b\.?\s+\d{{1,2}}))\.?[)\]]?,?)?"
    r"\s*(?P<agency>[(\[][\w./&: -]{2,40}[)\]])?\s*(?P<dash>[-–—:]|\.-|\.—)\s+",
)

#: Agencies and image banks: they credit pictures and copy, they are no persons.
AGENCIES = (
    "reuters", "afp", "ap", "associated press", "the associated press", "ap photo", "dpa", "dpa-afx", "apa", "ansa", "efe", "europa press", "belga", "anp", "tt", "ntb", "ritzau", "stt", "lehtikuva", "pap", "čtk", "ctk", "tass", "тасс", "ria novosti", "риа новости", "риа", "interfax", "интерфакс", "укринформ", "ukrinform", "уніан", "унiан", "anadolu", "anadolu agency", "anadolu ajansı", "aa", "dha", "iha", "i̇ha", "xinhua", "新华社", "新華社", "cctv", "中新社", "中央社", "共同通信", "共同", "時事通信", "時事", "kyodo", "jiji", "yonhap", "연합뉴스", "뉴시스", "뉴스1", "newsis", "pti", "ani", "ians", "uni", "bernama", "antara", "vna", "ttxvn", "sputnik", "bloomberg", "upi", "aap", "pa", "pa media", "pa wire", "press association", "cp", "the canadian press", "canadian press", "lusa", "agência brasil", "agencia brasil", "estadão conteúdo", "mti", "agerpres", "sana", "وكالات", "أ ف ب", "رويترز", "الأناضول", "irna", "isna", "mehr", "sid", "epd", "kna", "keystone", "keystone-sda", "sda", "ats", "lapresse", "adnkronos", "agi", "askanews", "agenzia nova", "colprensa", "télam", "telam", "notimex", "xinhua news agency", "tanjug", "hina", "bta", "sta", "tasr", "sita", "elta", "leta", "bns", "getty", "getty images", "afp via getty images", "gettyimages", "istock", "istockphoto", "shutterstock", "adobe stock", "alamy", "alamy stock photo", "unsplash", "pexels", "pixabay", "depositphotos", "dreamstime", "123rf", "imago", "imago images", "imago/zuma", "zuma", "zuma press", "picture alliance", "picture-alliance", "epa", "epa-efe", "epa/efe", "ap images", "nurphoto", "rex", "rex features", "corbis", "wireimage", "zumapress", "eyevine", "pool", "handout", "wikimedia commons", "wikipedia", "flickr", "nasa", "twitter", "instagram", "facebook", "youtube", "file", "file photo", "courtesy", "supplied", "screenshot", "scanpix", "ntb scanpix", "tt nyhetsbyrån", "bildbyrån", "ritzau scanpix", "east news", "profimedia", "vostock photo", "abaca", "sipa", "sipa press", "bestimage", "maxppp", "hans lucas", "divulgação", "reprodução", "agências", "redes sociales", "europapress", "cordon press", "sipausa", "tiktok", "linkedin", "google maps", "imagn", "usa today sports", "usa today network", "tribune news service", "dado ruvic", "spl",
)  # fmt: skip
#: Names in `AGENCIES` that are ordinary words or platforms too: a credit only as a line of their own.
_AMBIGUOUS = frozenset(
    "pool handout file courtesy supplied screenshot wikipedia flickr nasa twitter instagram facebook youtube tiktok linkedin uni mehr sid sana ani ats sta bta hina elta leta sita rex pa aa ap cp tt spl aap".split()
) | {"google maps", "redes sociales", "agências", "file photo"}
#: The names that say by themselves what they are.
PLAIN_AGENCIES = tuple(name for name in AGENCIES if name not in _AMBIGUOUS)
_FIRSTS = sorted({name[0] for name in PLAIN_AGENCIES})
#: By their first character: at each place of a text a search then tries some thirty beginnings, not 130 names.
_AGENCY = "|".join(
    f"{re.escape(first)}(?:{'|'.join(re.escape(n[1:]) for n in PLAIN_AGENCIES if n[0] == first)})"
    for first in _FIRSTS
)
#: A picture credit at a line's end: "(Reuters)", "/ AFP", "Photo: Jane Doe", "© dpa", "via Getty Images".
_AGENCY_CREDIT = (
    rf"[(\[]\s*(?:[^()\[\]]{{0,80}}\b)?(?:{_AGENCY})\b[^()\[\]]{{0,40}}[)\]]\.?$"
    rf"|(?:/|\||via|\bby|©|\(c\)|credit:?|courtesy(?: of)?:?|[–—-])\s*(?:[\w.’' -]{{0,40}}[/ ])?(?:{_AGENCY})(?:\b[\w/ .,&-]{{0,40}})?[)\]]?\.?$"
    rf"|[.!?\s”\"]\s*(?:\w[\w.’'-]*(?:\s[\w.’'-]+){{0,3}}\s?/\s?)?(?:getty images|afp|reuters|shutterstock|istock|alamy|imago|picture alliance|ap photo|epa|nurphoto|unsplash)(?:\s?/\s?[\w.’' -]{{1,40}})?$"
)
_WORD_CREDIT = (
    r"(?:\b(?:photo|photos|photograph|image|images|picture|pic|foto|fotos|bild|bilder|billede|bilde|kuva|fot|zdj|bildrechte|bildquelle|bildnachweis|imagen|crédit|credit|credits|beeld|фото|світлина|صورة|photo credit|image credit|image credits|fotografía|fotoğraf|kép|fotó|ảnh)\b\.?|写真|画像|图|圖|图片来源|사진)\s?[:：=/©]\s?[^:]{1,90}$"
    r"|\b(?:photo|photos|photograph|photographs|picture|image|foto|fotos)\s(?:by|courtesy of|courtesy|via|di|de|von|av|af|door)\s[^.!?]{2,90}\.?$"
    r"|©\s?[^©.]{2,80}$|^\((?:photo|image|foto|bild|fot|фото|file photo|credit)\b[^()]{0,100}\)$"
    r"|\(\s*(?:photo|image|foto|bild|picture|credit|fot|фото)\b[^()]{0,100}\)\.?$"
)
PICTURE_CREDIT = late(f"(?:{_AGENCY_CREDIT}|{_WORD_CREDIT})", re.IGNORECASE)
#: The same in two parts: what names an agency or image bank, and what a word for pictures or a sign tells.
AGENCY_CREDIT = late(f"(?:{_AGENCY_CREDIT})", re.IGNORECASE)
WORD_CREDIT = late(f"(?:{_WORD_CREDIT})", re.IGNORECASE)
#: What every picture credit holds one of: looked for first, being much cheaper than the credit's own form.
CREDIT_SIGN = late(
    r"[(\[/|©:：=–—]| - |(?i:photo|image|picture|foto|фото|getty|reuters|afp|shutterstock|istock|alamy|imago|epa|unsplash|\bvia\b|\bby\b|courtesy|credit|写真|图|圖|사진|ảnh)"
)
URL_LINE = late(r"^(?:https?://|www\.)\S+$", re.IGNORECASE)
EMAIL = late(r"\b[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+\b")
HANDLE = late(r"^@\w{2,30}$")
PHONE_LINE = late(
    r"^(?:\W*(?:tel|telephone|phone|telefon|tlf|fax|mobile|tél|teléfono|тел)\b\.?:?)?[\s+()\d/.-]{7,25}$",
    re.IGNORECASE,
)
COUNTER = late(r"^[\d.,\s]+[kKmM]?$|^\d+(?:[.,]\d+)?\s*(?:k|m|%|x)$", re.IGNORECASE)
SHORT_CREDIT = late(r"^[(\[][\w/. ,&;+-]{1,40}[)\]]\.?$")
HASHTAGS = late(r"^(?:#[\w-]+[\s,]*)+$")
#: A commenter's line above a comment: name and time, "X says:", "Reply".
COMMENTER = late(
    r"(?:\b(?:says|said|wrote|writes|sagt|schrieb|dit|a écrit|dice|dijo|ha scritto|disse|zegt|schreef|skrev|sier|napisał|пише|пишет|говорит|says on)\s*:?$)|^(?:\d+[.)]\s*|•\s*)?(?:avatar|gravatar)\b|[?&]s=\d+&d=|\(score:\s*-?\d|^(?:reply|antworten|répondre|responder|rispondi|beantwoorden|svar|odpowiedz|ответить)\b",
    re.IGNORECASE,
)
#: "… Read More" at a line's end: the mark of a teaser.
TEASER_END = late(
    r"(?:…|\.\.\.|\[…\]|\[\.\.\.\])?\s*(?:\bread more|\bcontinue reading|\bmore »|\bread full story|\bview more|\blearn more|\bsee more|\bmehr lesen|\bweiterlesen|\bmehr|\blire la suite|\blire plus|\bleer más|\bseguir leyendo|\bleggi tutto|\bleggi di più|\bcontinua a leggere|\bleia mais|\bsaiba mais|\blees meer|\bläs mer|\blæs mere|\bles mer|\blue lisää|\bczytaj więcej|\bwięcej|\bdevamını oku|\bчитать далее|\bподробнее|\bчитати далі|اقرأ المزيد|続きを読む|もっと見る|閱讀更多|阅读更多|더보기)\s*[»›→>]*$|(?:\[…\]|\[\.\.\.\]|\[&hellip;\])$",
    re.IGNORECASE,
)  # fmt: skip
#: A third-person sentence about a writer: "X is a reporter at Y", "… lives in …".
BIO = late(
    r"\b(?:is|was) (?:an?|the|our)\b[^.]{0,80}\b(?:reporter|journalist|writer|editor|correspondent|columnist|author|contributor|blogger|novelist|photographer|producer|analyst|professor|fellow|lecturer|researcher|freelancer?|founder|co-founder|ceo|cto|director|president|consultant|expert|strategist|specialist|engineer|attorney|lawyer|coach|historian|economist|bureau chief)\b"
    r"|\b(?:covers|writes about|reports on|writes on|has covered|has been covering|specialises in|specializes in|previously worked|has written for|has worked for|joined the|graduated from|holds an? (?:ma|ba|master|bachelor|degree|phd)|avid reader|passionate about|is based in|lives in|my passion|my writing|i am driven|her work has|his work has|their work has|has appeared in|has been featured|has been published)\b"
    r"|\b(?:ist|arbeitet als|schreibt)\b[^.]{0,60}\b(?:redakteur|redakteurin|journalist|journalistin|korrespondent|korrespondentin|autor|autorin|reporter|reporterin|volontär|volontärin|chefredakteur)\b|^(?:redakteur|redakteurin|korrespondent|korrespondentin|freier journalist|freie journalistin|reporter|reporterin)\b"
    r"|\b(?:journaliste|rédacteur|rédactrice|correspondant|correspondante)\b[^.]{0,60}\b(?:chez|pour|à|depuis|spécialisée?)\b|\best (?:journaliste|rédacteur|rédactrice)\b"
    r"|\b(?:periodista|redactor|redactora|corresponsal|licenciad[oa] en|graduad[oa] en|especializad[oa] en)\b|\b(?:giornalista|redattore|redattrice|laureat[oa] in|nat[oa] a)\b|\b(?:jornalista|repórter|redator|redatora|formad[oa] em|graduad[oa] em)\b"
    r"|\b(?:is|was) (?:redacteur|journalist|verslaggever|correspondent)\b|\b(?:dziennikarz|dziennikarka|redaktor|absolwent|absolwentka)\b|\b(?:журналист|журналистка|корреспондент|редактор|обозреватель)\b[^.]{0,80}$|\b(?:muhabir|gazeteci|editör)\b[^.]{0,80}$",
    re.IGNORECASE,
)  # fmt: skip
#: A writer's role, alone in a line or behind a name.
ROLE = late(
    r"^(?:(?:senior|junior|chief|staff|desk|deputy|associate|managing|executive|digital|political|foreign|national|sports?|business|technology|science|health|news|guest|freelance|special|investigative|data|photo|video|content|contributing|europe|white house|data|crime|economics|environment|education)\s+){0,4}(?:reporter|writer|editor|correspondent|journalist|columnist|contributor|author|producer|photographer|bureau chief|news desk|newsdesk|newsroom|web desk|webdesk|desk|staff|editorial team|editorial board|admin|administrator|team|editor-in-chief|editor in chief|agencies|agency|newswire|correspondents?)(?:,?\s+(?:for|at|of|in)\s+[\w ,’'&-]{2,60})?$"
    r"|^(?:redakteur(?:in)?|redaktion|korrespondent(?:in)?|volontär(?:in)?|reporter(?:in)?|journalist(?:in)?|chefredakteur(?:in)?|freier? (?:autor|autorin|journalist|journalistin)|journaliste|rédaction|la rédaction|correspondante?|redacción|periodista|redactor[a]?|corresponsal|redazione|giornalista|redação|da redação|jornalista|repórter|redactie|redacteur|verslaggever|correspondent|reporter|journalist|skribent|toimittaja|redakcja|dziennikarz|dziennikarka|redakce|редакция|редакція|корреспондент|журналист|журналістка|журналіст|haber merkezi|muhabir|editör|yazar|編集部|記者|编辑部|记者|기자)$",
    re.IGNORECASE,
)  # fmt: skip
#: First words of what `ROLE` matches, in small letters.
ROLE_BEGINNINGS = frozenset(
    "senior junior chief staff desk deputy associate managing executive digital political foreign national sport"
    " sports business technology science health news guest freelance special investigative data photo video"
    " content contributing europe white crime economics environment education reporter writer editor"
    " correspondent correspondents journalist columnist contributor author producer photographer bureau newsdesk"
    " newsroom web webdesk editorial admin administrator team agencies agency newswire redakteur redakteurin"
    " redaktion korrespondent korrespondentin volontär volontärin reporterin journalistin chefredakteur"
    " chefredakteurin freie freier journaliste rédaction la correspondant correspondante redacción periodista"
    " redactor redactora corresponsal redazione giornalista redação da jornalista repórter redactie redacteur"
    " verslaggever skribent toimittaja redakcja dziennikarz dziennikarka redakce редакция редакція корреспондент"
    " журналист журналістка журналіст haber muhabir editör yazar 編集部 記者 编辑部 记者 기자".split()
)
#: Words for a newsroom as a whole: never an author.
NEWSROOM = late(
    r"\b(?:newsroom|news desk|newsdesk|desk writer|desk|web desk|staff|staff writers?|staff reporters?|editors?|editorial(?: team| board| staff)?|admin|administrator|team|agencies|agency|news service|newswire|wire|press release|pr newswire|business wire|correspondents?|our reporters?|special correspondent|redaktion|onlineredaktion|redazione|redacción|redacao|redação|rédaction|redactie|redakcja|redakce|redaktionen|redaksjonen|редакция|редакція|haber merkezi|編集部|编辑部|webmaster|guest author|guest|contributor|contributors|author|anonymous|unknown|network|media|magazine|journal|gazette|chronicle|daily|weekly|herald|tribune|times|post|today|online|tv|radio|broadcasting|news|press|\w+\.(?:com|org|net|de|fr|it|es|nl|uk|at|ch|se|no|dk|pl|ru|ua|tr|in|jp|cn))\b",
    re.IGNORECASE,
)  # fmt: skip

#: Openers that end in the name of a topic, a place, a writer or the site.
OPENER_FORM = late(
    r"(?i)^(?:(?:articles|stories|posts|videos) (?:you (?:may|might)|we recommend|recommended)|more (?:from|on|in|about|by|stories|news)|latest (?:from|in|on|news)|read more (?:about|on|from|in)|related (?:to|articles|stories|news|posts)|most (?:read|popular|viewed) (?:in|on|from)|popular (?:in|on|from)|top stories (?:in|from)|recent (?:posts|articles|stories) (?:in|by|from|on)|trending (?:in|on)|best of|you (?:may|might) (?:also )?(?:like|be interested)|recommended (?:for|by|from)|what to (?:read|watch)|see (?:all|more) (?:from|in|by)"
    r"|mehr (?:zu|zum|zur|aus|von|über)|weitere (?:artikel|nachrichten|meldungen|themen|news)|neueste (?:artikel|nachrichten)|meistgelesene?|alles (?:zu|zum|zur) |aktuelles aus"
    r"|plus d[e'’]|toute l[’']actu|les plus lus|à lire (?:aussi|dans)|dernières (?:actualités|nouvelles|infos)|sur le même"
    r"|más (?:noticias|sobre|en|de|información)|lo más|últimas (?:noticias|de)|noticias (?:de|relacionadas)|también"
    r"|altre (?:notizie|news)|ultime (?:notizie|news)|leggi anche|le più|i più|tutte le notizie"
    r"|mais (?:notícias|sobre|de|em|lidas)|últimas (?:notícias|de)|notícias (?:de|relacionadas)"
    r"|meer (?:over|nieuws|van|uit)|het laatste|laatste nieuws|mer om|mer fra|mere om|flere (?:nyheter|saker|nyheder|artikler)|fler (?:nyheter|artiklar)|läs mer om|les mer om|læs mere om|lisää aiheesta|więcej (?:o|na temat|z)|najnowsze|другие новости|ещё по теме|новости (?:по теме|партн)|новини (?:за темою|партн)|больше новостей|daha fazla|diğer|المزيد)\b"
)  # fmt: skip
#: Openers that are fair headings of an article too: clutter only when they own something.
FAIR_HEADINGS = frozenset(
    "highlights resources events opinion weather links recommendations news video videos photos next services service jobs featured latest recent popular suggestions overview elsewhere discussion responses replies contributors contributor podcast podcasts galleries webinars autor author dossier actualités noticias notizie notícias nyheter nyheder uutiset wiadomości haberler новости новини أخبار services interessant exklusiv mehr more quelle list 特集 写真 動画 photo foto gallery auteur autore автор главное актуально interesting".split()
)  # fmt: skip
#: Words that take their meaning from the notice above them.
GENERIC = late(
    r"(?i)^(?:read more|learn more|find out more|more|more info(?:rmation)?|details|close|ok|okay|got it|accept|continue|submit|send|sign up|click here|mehr erfahren|mehr|schließen|en savoir plus|fermer|más información|cerrar|scopri di più|chiudi|saiba mais|fechar|meer informatie|sluiten|läs mer|læs mere|les mer|lue lisää|więcej|zamknij|daha fazla|kapat|подробнее|закрыть|المزيد|详情|關閉|关闭|詳しくはこちら|もっと見る)[.!:]?$"
)  # fmt: skip
GLUED_HOME = late(rf"^(?:Home|Homepage|Startseite|Accueil|Inicio|Início|Главная|Anasayfa|Ana Sayfa|Forside|Hem|Etusivu|Strona główna|Beranda|Domů|ホーム|首页|首頁|홈|الرئيسية)(?:[{_UPPER}\u3040-\u9fff\uac00-\ud7a3\u0600-\u06ff]|\s*[>›»/|→▸⟩·•]\s*\S)")  # fmt: skip
CRUMBS = late(r"^[^>›»→]{2,40}(?:\s*[>›»→]\s*[^>›»→]{2,60}){2,}$")
NAME_FIRST = late(
    rf"^(?:Dr\.? |Prof\.? )?[{_UPPER}][\w.’'-]+(?: [{_UPPER}][\w.’'-]*){{1,3}}(?:,| is | was | ist | est | es | è | é | covers | writes | has | holds | joined | lives )"
)
UPDATED = late(
    r"(?i)\b(?:updated?|modified|aktualisiert|mis à jour|modifié|modifica|actualizado|actualizada|aggiornato|atualizado|bijgewerkt|uppdaterad|opdateret|oppdatert|päivitetty|aktualizacja|aktualizováno|güncelleme|güncellenme|обновлено|оновлено|ažurirano|frissítve|actualizat|cập nhật|diperbarui)\b|更新|수정|تحديث|עודכן"
)  # fmt: skip
REPORTING = late(
    r"(?i)(?:^|[;.|(]\s*)(?:reporting(?: and writing)?|written|writing|story|report|by)\s+by\s+(?P<names>[^;.|()]+)|(?:^|[;.|(]\s*)(?:reportage de|reportaje de|reportagem de|reporte de|bericht von)\s+(?P<names2>[^;.|()]+)"
)  # fmt: skip
COPYRIGHT = late(
    r"(?i)(?:©|\(c\)|copyright)(?:\s*(?:©|\(c\)|copyright|by))*\s*(?:\d{4}(?:\s*[-–]\s*\d{4})?,?)?\s*(?:by\s+)?(?P<name>[^\W\d_][\w&'’. -]{2,40}?)(?:,? (?:inc|llc|ltd|gmbh|ag|s\.?a|plc|limited)\b\.?|\.? all rights|\.(?:\s|$)|,|\||$)"
)
