"""What pages say that stand in an article's place: errors, bot checks, log-ins, consent, payment, scripts.

By what is said and language. A phrase is matched in a title or in a short line of a page that says little
else; none of them speaks alone on a page that holds an article.
"""

from __future__ import annotations

import re
from typing import Final

from pipelines.cues.late import late

#: The page asked for is not there. At the start of a title, headline or short line.
NOT_FOUND: Final = late(
    r"^(?:error\s*|http\s*)?(?:404|410)\b(?!\s*(?:people|million|years|\(k\)))|^(?:page|article|content|story|file|url|the page|the article) (?:was |is |has )?(?:not (?:be )?found|(?:not|no longer) available|cannot be found|could ?n[o']t be found|unavailable|been (?:moved|removed|deleted)|does(?: not|n['’]t) exist|expired)|^not found$|^(?:sorry|oops|whoops|uh oh|hmm+)\b[,!.… ]{0,3}.{0,80}(?:page|find|found|exist|went wrong|gone|article)"
    r"|^(?:the|this) (?:page|article|story|url|link|content) (?:you(?:['’]re| are| have|['’]ve)? (?:requested|looking for|were looking for|followed)|does not exist|doesn['’]t exist|has (?:been (?:moved|removed|deleted)|moved|expired)|(?:is|was) no longer|may have (?:been|moved|expired))|^we (?:can['’]t|cannot|could ?n['o]t|couldn['’]t) find|^nothing (?:was )?found|^no results found|^page (?:missing|expired)|^that page"
    r"|^(?:diese |die |der |dieser )?(?:angeforderte |gewünschte |gesuchte )?(?:seite|artikel|inhalt|beitrag) (?:nicht gefunden|existiert nicht|wurde nicht gefunden|ist (?:leider )?nicht (?:mehr )?(?:verfügbar|vorhanden|erreichbar)|konnte nicht gefunden|gibt es nicht)|^(?:fehler 404|seite nicht verfügbar|hoppla|ups[,! ])"
    r"|^(?:erreur 404|(?:la |cette |l['’])?(?:page|article) (?:introuvable|non trouvée?|n['’]existe (?:pas|plus)|est introuvable|demandée?|que vous (?:cherchez|recherchez|avez demandée)|n['’]est (?:pas|plus) disponible)|oups|désolé.{0,60}(?:page|article|trouv))"
    r"|^(?:error 404|(?:la |esta |el )?(?:página|noticia|artículo|contenido) (?:no (?:encontrad[oa]|existe|está disponible|se (?:ha )?encuentra|disponible)|que (?:busca|buscas|estás buscando|solicitaste)|solicitad[oa]|ha sido eliminad[oa])|no encontramos|lo sentimos.{0,60}(?:página|encontr))"
    r"|^(?:errore 404|(?:la |questa )?pagina (?:non (?:trovata|esiste|disponibile|è (?:stata trovata|disponibile))|richiesta|che (?:cerchi|stai cercando|hai richiesto))|ci dispiace.{0,60}pagin|ops[!, ])"
    r"|^(?:erro 404|(?:a |esta )?(?:página|notícia|conteúdo) (?:não (?:encontrad[oa]|existe|está disponível|foi encontrad[oa])|que você procura|solicitada)|não encontramos|desculpe.{0,60}págin|ops[!, ])"
    r"|^(?:deze |de )?pagina (?:niet gevonden|bestaat niet|is niet (?:meer )?(?:gevonden|beschikbaar))|^(?:sidan|artikeln) (?:kunde inte hittas|finns inte|hittades inte|saknas)|^(?:siden|artiklen|artikkelen) (?:blev ikke fundet|finnes ikke|findes ikke|ble ikke funnet|kunne ikke findes)|^(?:sivua|artikkelia) ei (?:löyt|ole)|^(?:ta )?(?:strona|artykuł) nie (?:została? (?:znaleziona?|odnaleziona?)|istnieje)|^nie znaleziono|^(?:tato )?stránka (?:nenalezena|nebyla nalezena|neexistuje)|^(?:az )?oldal nem található|^pagina nu (?:a fost găsită|există)|^(?:aradığınız )?sayfa (?:bulunamadı|mevcut değil)|^halaman tidak ditemukan|^không tìm thấy trang"
    r"|^(?:ошибка 404|страница не (?:найдена|существует)|запрашиваемая страница|такой страницы (?:нет|не существует)|(?:материал|статья) не найден|к сожалению.{0,40}страниц)|^(?:помилка 404|сторінк[ау] не (?:знайдено|існує))|^страницата не|^η σελίδα δεν (?:βρέθηκε|υπάρχει)|الصفحة (?:غير موجودة|المطلوبة غير|التي تبحث)|^(?:لم يتم العثور|عذرا)|^העמוד (?:לא נמצא|אינו קיים)|^صفحه (?:پیدا نشد|مورد نظر)|^पेज नहीं मिला|^पृष्ठ नहीं मिला"
    r"|(?:お探しの|ご指定の|指定された|該当する)?(?:ページ|記事)(?:が|は)(?:見つかりません|存在しません|ありません|公開を終了)|^お探しのページ|(?:页面|网页|頁面|文章|内容|網頁)(?:不存在|未找到|找不到|已(?:被)?删除|已刪除)|(?:找不到|抱歉.{0,12}(?:页面|網頁|頁面|文章))|(?:요청하신\s*)?(?:페이지|기사)(?:를|가|을) (?:찾을 수 없|존재하지 않|삭제)|^ไม่พบหน้า",
    re.IGNORECASE,
)  # fmt: skip
#: The server or its guard refuses or fails. At the start of a title, headline or short line.
SERVER_ERROR: Final = late(
    r"^(?:error\s*|http\s*)?(?:40[0-35-9]|429|50[0-4]|52[0-7])\b(?!\s*(?:\(k\)|people|million|years|\w+ (?:people|million)))|^(?:access (?:denied|to this page has been denied)|forbidden|bad gateway|bad request|service (?:temporarily )?unavailable|(?:web ?site|site) (?:is )?(?:temporarily )?(?:unavailable|down|under maintenance)|gateway time-?out|(?:500 )?internal server error|too many requests|an? (?:unexpected |internal )?error (?:has )?occurred|application error|database error|error establishing a database connection|under maintenance|down for maintenance|request (?:blocked|rejected)|the requested url was rejected|not available in your (?:country|region)|unavailable for legal reasons|451)"
    r"|^(?:zugriff verweigert|wartungsarbeiten|interner serverfehler|dienst nicht verfügbar|accès (?:refusé|interdit)|erreur (?:interne|serveur)|site en maintenance|acceso denegado|error interno|sitio en mantenimiento|accesso negato|errore interno|sito in manutenzione|acesso negado|erro interno|site em manutenção|toegang geweigerd|åtkomst nekad|adgang nægtet|ingen tilgang|pääsy estetty|odmowa dostępu|přístup odepřen|erişim engellendi|доступ (?:запрещен|запрещён|ограничен|закрыт|заборонено)|внутренняя ошибка|технические работы)|アクセスが(?:拒否|制限)|メンテナンス中|访问(?:被拒绝|受限)|拒绝访问|系统维护|접근이 (?:거부|차단)|تم رفض الوصول",
    re.IGNORECASE,
)  # fmt: skip
#: Something wants to see a person first. At the start of a title, headline or short line.
BOT_CHECK: Final = late(
    r"^(?:just a moment|one moment,? please|please wait(?:\.\.\.|…| while)|attention required|checking (?:your browser|if the site connection)|verif(?:y|ying)(?: that)? you(?:['’]re| are) (?:a |not a )?(?:human|robot)|are you (?:a )?(?:robot|human)|please (?:verify|confirm|prove)(?: that)? you(?:['’]re| are)|enable javascript and cookies to continue|your (?:access|request|ip)(?: address)?(?: to this site)? (?:has been|was|is) (?:blocked|denied|rate.limited)|security check|human verification|bot (?:check|verification|detection)|ddos protection|making sure you['’]re not a bot|pardon our interruption|we(?:['’]ve| have) detected unusual (?:activity|traffic)|unusual traffic|confirm you are human|complete the (?:security check|captcha)|press (?:&|and) hold|i['’]?m not a robot|client challenge|one more step|performing security verification|robot or human)"
    r"|^(?:einen moment|nur einen moment|bitte warten|sicherheitsüberprüfung|bestätigen sie,? dass sie (?:ein mensch|kein roboter)|sind sie ein (?:mensch|roboter)|ihr browser wird überprüft|überprüfung (?:ihres browsers|läuft))|^(?:un instant|un moment|veuillez patienter|vérification de (?:sécurité|votre navigateur)|vérifiez que vous êtes|êtes-vous un (?:robot|humain)|confirmez que vous n['’]êtes pas)|^(?:un momento|espere un momento|verificación de seguridad|comprobando (?:su|tu) navegador|verifi(?:ca|que) que (?:eres|es) (?:un )?(?:humano|persona)|¿eres (?:un )?(?:robot|humano)|confirma que no eres)|^(?:attendere prego|solo un momento|verifica (?:di sicurezza|che sei|di essere)|controllo del browser|sei un robot)|^(?:aguarde|só um momento|um momento|verificação de segurança|verificando (?:seu|o seu) navegador|verifique (?:se|que) você|você é (?:um )?(?:robô|humano))"
    r"|^(?:een ogenblik|even geduld|controle van uw browser|bevestig dat (?:u|je)|bent u een)|^(?:ett ögonblick|vänta|kontrollerar din webbläsare|bekräfta att du)|^(?:et øjeblik|vent venligst|et øyeblikk|bekreft at du)|^hetkinen|^(?:jeszcze chwila|chwileczkę|proszę czekać|sprawdzanie (?:przeglądarki|bezpieczeństwa)|potwierdź, że|czy jesteś (?:robotem|człowiekiem))|^(?:okamžik|moment,? prosím|ověřte, že)|^(?:bir dakika|lütfen bekleyin|güvenlik (?:kontrolü|doğrulaması)|robot (?:musunuz|olmadığınızı)|insan olduğunuzu)|^(?:подождите|один момент|проверка (?:браузера|безопасности|вашего браузера)|подтвердите, что вы|вы (?:не )?робот|доступ ограничен.{0,40}(?:робот|запрос))|^(?:зачекайте|перевірка (?:браузера|безпеки)|підтвердьте, що ви)|^(?:لحظة|يرجى الانتظار|التحقق من (?:أنك|الأمان)|تأكد من أنك)|しばらくお待ちください|セキュリティ(?:確認|チェック)|あなたが(?:人間|ロボット)|ロボットではない|请稍候|請稍候|安全(?:验证|驗證|检查)|人机验证|(?:正在)?检查您的浏览器|请完成验证|验证您是真人|잠시만 기다려|보안 (?:확인|검사)|로봇이 아닙니다|사람인지 확인",
    re.IGNORECASE,
)  # fmt: skip
#: A page to log in at, by its title or headline.
LOGIN: Final = late(
    r"^(?:(?:please )?(?:log[ -]?in|sign[ -]?in)\b(?!.{50})|member log ?in|subscriber log ?in|account log ?in|welcome back|log ?in or (?:register|sign up)|sign in or (?:register|create)|register or log|create (?:an|your)(?: free)? account|forgot(?:ten)? (?:your )?password|my account|session expired|you (?:must|need to) (?:be logged in|log in|sign in))"
    r"|(?:^|[|–—:-] ?)(?:log ?in|sign ?in)$|^(?:anmelden|anmeldung|einloggen|jetzt anmelden|bitte (?:melden sie sich|anmelden|einloggen)|mein konto|kundenkonto|login (?:für|zum)|passwort vergessen)|^(?:se connecter|connexion|identifiez-vous|connectez-vous|mon compte|mot de passe oublié|espace (?:abonnés?|client|membre))|^(?:iniciar? sesión|inicia sesión|acceder|accede a tu|identifícate|entra en tu|mi cuenta|ingresar|ingresá)|^(?:accedi|accesso|area riservata|effettua il login|il mio account)|^(?:entrar|faça (?:seu )?login|acesse sua conta|iniciar sessão|minha conta)|^(?:inloggen|log in|aanmelden|mijn account)|^(?:logga in|mitt konto)|^(?:log ind|logg inn|logg på|min side)|^(?:kirjaudu|oma tili)|^(?:zaloguj|logowanie|moje konto)|^(?:přihlá(?:sit|šení)|můj účet)|^(?:bejelentkezés|autentificare|conectare)|^(?:giriş yap|oturum aç|üye girişi|hesabım)|^(?:вход|войти|войдите|авторизация|личный кабинет|увійти|вхід)|^(?:تسجيل الدخول|دخول)|^(?:התחברות|כניסה)|^(?:ورود)|ログイン|サインイン|^(?:登录|登入|登錄|用户登录|会员登录|會員登入)|^(?:로그인)",
    re.IGNORECASE,
)  # fmt: skip
#: A step of an address, or a label of a host, that leads to a log-in or to a consent page.
LOGIN_PLACES: Final = frozenset(
    ["login", "log-in", "signin", "sign-in", "sign_in", "logon", "auth", "oauth", "oauth2", "sso", "authorize", "authenticate", "account", "accounts", "register", "registration", "anmelden", "anmeldung", "einloggen", "konto", "connexion", "identification", "acceso", "iniciar-sesion", "accedi", "entrar", "inloggen", "logga-in", "zaloguj", "giris", "wp-login", "vhod", "identity", "idp"]
)  # fmt: skip
CONSENT_PLACES: Final = frozenset(
    [
        "consent",
        "cookie-consent",
        "cookieconsent",
        "privacy-wall",
        "privacywall",
        "cookiewall",
        "cookie-wall",
        "consentmanager",
        "cmp",
        "pur",
        "gdpr",
        "collectconsent",
        "privacy-gate",
        "privacygate",
        "zustimmung",
        "consentement",
    ]
)
#: A page that asks for consent, by its title or headline.
CONSENT: Final = late(
    r"^(?:before you continue|we (?:value|care about|respect) your privacy|your privacy(?: (?:matters|choices|settings|is important))?|(?:manage )?(?:cookie|consent|privacy) (?:consent|settings|preferences|choices|notice|wall|policy)|we (?:and our (?:\d+ )?partners|use cookies)|cookies? on |welcome.{0,60}(?:cookies|advertising|consent)|(?:continue|read)(?: on)? with (?:ads|advertising|cookies)|choose how)"
    r"|^(?:bevor sie fortfahren|(?:willkommen.{0,60}|mit )(?:werbung|cookies|tracking)|ihre (?:privatsphäre|zustimmung|einwilligung)|wir (?:benötigen|brauchen) ihre (?:zustimmung|einwilligung)|zustimmung|einwilligung|datenschutz-?einstellungen|cookie-?einstellungen|weiterlesen mit|wir (?:und unsere (?:\d+ )?partner|verwenden cookies|schätzen ihre privatsphäre))|^(?:avant de (?:continuer|poursuivre)|nous (?:respectons|et nos (?:\d+ )?partenaires|utilisons des cookies)|votre (?:vie privée|consentement|confidentialité)|vos choix|gestion des cookies|continuer (?:avec|sans))|^(?:antes de continuar|tu privacidad|su privacidad|valoramos (?:tu|su) privacidad|nosotros y nuestros|configuración de cookies|usamos cookies|utilizamos cookies|continúa (?:con|leyendo))|^(?:prima di continuare|la tua privacy|rispettiamo la tua privacy|noi e i nostri|informativa|gestisci (?:i cookie|consenso)|utilizziamo i cookie)"
    r"|^(?:antes de (?:continuar|prosseguir)|a sua privacidade|sua privacidade|valorizamos|nós e os nossos|usamos cookies)|^(?:voordat (?:je|u) (?:verder|doorgaat)|jouw privacy|uw privacy|wij (?:en onze|gebruiken cookies|waarderen)|cookie-?(?:instellingen|toestemming))|^(?:innan du fortsätter|vi (?:värnar|och våra|bruger cookies|bryr oss|bryr os|og vores|og våre|använder cookies)|din integritet|før du fortsætter|før du fortsetter|ditt personvern)|^(?:arvostamme yksityisyyttäsi|yksityisyytesi)|^(?:zanim przejdziesz|szanujemy (?:twoją|państwa) prywatność|twoja prywatność|my i nasi)|^(?:než budete pokračovat|vážíme si vašeho soukromí|souhlas s)|^(?:gizliliğinize|devam etmeden önce|çerez)|^(?:мы (?:ценим|используем)|прежде чем продолжить|настройки (?:cookie|конфиденциальности)|перш ніж продовжити)|プライバシーの(?:設定|尊重)|Cookieの(?:使用|設定)|(?:隐私|隱私|Cookie)(?:设置|設定|偏好)|쿠키 (?:설정|사용)",
    re.IGNORECASE,
)  # fmt: skip
#: What a request for consent speaks of, wherever it stands in a line.
CONSENT_TALK: Final = late(
    r"\b(?:cookies?|consent|personal(?:is|iz)ed (?:ads|advertising)|legitimate interests?|partners? (?:store|process)|tracking|reject all|accept all|manage (?:options|choices|preferences)|einwilligung|zustimm\w+|alle akzeptieren|ablehnen|personenbezogene|datenschutz\w*|werbetracking|consentement|tout accepter|tout refuser|données personnelles|traceurs|consentimiento|aceptar todo|rechazar|datos personales|consenso|accetta(?: tutto)?|rifiuta|dati personali|consentimento|aceitar|rejeitar|toestemming|accepteren|weigeren|persoonsgegevens|samtycke|godkänn|samtykke|evästeet|suostumus|zgoda|zgody|akceptuj\w*|ciasteczk\w*|souhlas\w*|çerez\w*|согласи\w+|файл\w+ cookie|принять)\b|同意する|クッキー|同意|接受所有|쿠키|동의",
    re.IGNORECASE,
)  # fmt: skip
#: A wall that says the text goes on for those who pay or log in.
PAYWALL: Final = late(
    r"\b(?:to (?:continue|keep) reading|to read (?:the (?:full|rest)|this|more|on)|continue reading (?:this|with|your|for)|(?:subscribe|sign up|log in|register|join)(?: now| today)? to (?:read|unlock|continue|access|keep|view)|(?:for )?(?:subscribers|members)[ -]only|(?:only )?for (?:our )?subscribers|reserved for (?:our )?(?:subscribers|members)|exclusive to (?:our )?(?:subscribers|members)|unlock (?:this|the (?:full|rest)|full)|this (?:article|content|story|post) is (?:for|only|reserved|exclusive|available|locked)|already a (?:subscriber|member)|already (?:subscribed|have a subscription)|you(?:['’]ve| have) (?:reached|read) (?:your|all|the)|(?:this is )?your last free article|free articles? (?:left|remaining|this month)|register to (?:read|continue|unlock)|(?:create|sign in to|log ?in to) (?:a free )?(?:account )?(?:to )?(?:continue|keep) reading|premium (?:content|article)|subscriber[- ]exclusive|get (?:full|unlimited) access|start your (?:free )?trial|become a (?:paying )?(?:subscriber|member) to)"
    r"|\b(?:(?:nur|exklusiv) für (?:unsere )?(?:abonnent(?:en|innen)|mitglieder)|diesen artikel (?:weiterlesen|freischalten)|jetzt weiterlesen|weiterlesen mit|um (?:weiterzulesen|diesen artikel)|(?:bereits|schon) abonnent|sie haben bereits ein abo|mit (?:\w+ ?plus|abo) (?:lesen|weiterlesen)|artikel freischalten|dieser (?:artikel|inhalt) ist (?:exklusiv|nur)|jetzt (?:abonnieren|testen) und|monatlich kündbar)\b|\b(?:réservée? (?:aux|à nos) (?:abonnés|lecteurs)|il vous reste [\d.,% ]+|la suite (?:de (?:cet|l['’]) ?article )?est réservée|déjà abonnée?|pour (?:lire la suite|continuer (?:la|votre) lecture)|abonnez-vous pour|cet article est réservé|contenu réservé|débloquez (?:cet|l['’]))"
    r"|\b(?:(?:solo|exclusiv[oa]s?) para (?:suscriptores|socios)|para seguir leyendo|para continuar leyendo|ya eres suscriptor|¿ya (?:eres|tienes)|suscríbete para|contenido exclusivo|artículo (?:exclusivo|para suscriptores))|\b(?:(?:contenuto |articolo )?riservato (?:agli|ai) abbonati|per continuare a leggere|sei già abbonato|abbonati per|questo (?:articolo|contenuto) è riservato)\b|\b(?:exclusivo para assinantes|para continuar (?:a ler|lendo)|já é assinante|assine para|conteúdo exclusivo|artigo exclusivo)\b|\b(?:alleen voor abonnees|om verder te lezen|verder lezen\?|al abonnee|voor abonnees|word abonnee|lees verder met)\b|\b(?:bara för prenumeranter|redan prenumerant|för att (?:läsa vidare|fortsätta läsa)|kun for abonnenter|allerede abonnent|for at læse videre|læs videre med|for å lese videre|kun for abonnement|vain tilaajille|jatka lukemista tilaamalla|tilaajille)\b"
    r"|\b(?:(?:tylko )?dla (?:subskrybentów|prenumeratorów)|aby (?:czytać dalej|przeczytać)|masz już (?:konto|prenumeratę)|dostępny (?:tylko )?dla|pro předplatitele|pro pokračování|předplaťte si|csak előfizetőknek|doar pentru abonați|aboneler için|abonelere özel|okumaya devam etmek için)\b|(?:только для подписчиков|доступно? по подписке|по подписке|для подписчиков|оформите подписку|чтобы (?:читать дальше|прочитать)|лише для передплатників|за передплатою)|للمشتركين فقط|اشترك (?:الآن )?للقراءة|למנויים בלבד|有料会員(?:限定|になると|の方)|会員限定|この記事は有料|(?:記事の)?続きを(?:読むには|お読み)|残り\d+文字|ログインして続きを|订阅后|付费(?:阅读|内容)|(?:登录|登入|订阅|訂閱)(?:后|後)?(?:即可)?(?:继续|繼續|查看全文)|會員專屬|訂戶專屬|유료회원|구독자 전용|구독하고",
    re.IGNORECASE,
)  # fmt: skip
#: The page shows nothing to those who run no scripts. At the start of a line, or of what `noscript` holds.
NEEDS_SCRIPTS: Final = late(
    r"(?:(?:enable|turn on|activate|allow|requires?|needs?|without|need to enable|works? best with|doesn['’]t work (?:properly )?without|have) java ?script|java ?script (?:is|must be|has to be|needs to be|seems to be|appears to be)? ?(?:disabled|enabled|required|not (?:enabled|supported|available)|turned off)|(?:browser (?:does not|doesn['’]t) support|requires a modern browser)|java ?script (?:aktivieren|ist deaktiviert|deaktiviert|benötigt|einschalten|wird benötigt|muss aktiviert)|(?:aktivieren sie|benötigt|ohne) java ?script|(?:activer|activez|nécessite|sans) (?:le )?java ?script|java ?script (?:est désactivé|désactivé|doit être activé)|(?:habilit[ae]r?|activ[ae]r?|requiere|necesit\w+|sin) (?:el )?java ?script|java ?script (?:está (?:desactivado|deshabilitado)|desactivado|desabilitado|desativado)|(?:abilit[ai]re?|attiv[ai]re?|richiede|attiva) java ?script|java ?script (?:è )?disabilitato|(?:habilite|ative|requer|precisa (?:de|habilitar)) (?:o )?java ?script|(?:schakel|zet) java ?script|java ?script (?:inschakelen|is uitgeschakeld|staat uit)|(?:aktivera|aktiver|slå på|slå til|kräver|kræver|krever) java ?script|(?:ota|salli) java ?script|(?:włącz|wymaga|obsług\w+) (?:obsługę )?java ?script|(?:zapněte|povolte|vyžaduje) java ?script|java ?script['’ie]{0,3} (?:etkinleştir|açın|devre dışı|gerek)|(?:включите|включить|требуется|необходим\w*|отключен\w*|отключён) (?:поддержку )?java ?script|java ?script (?:отключ[её]н|выключен|необходим|вимкнено)|(?:увімкніть) java ?script|(?:تفعيل|تمكين|تشغيل) (?:ال)?(?:جافا ?سكريبت|javascript)|java ?scriptを有効|java ?scriptが(?:無効|必要)|(?:启用|啟用|开启|開啟|打开) ?java ?script|java ?script(?:을|를)? (?:활성화|사용|켜))",
    re.IGNORECASE,
)  # fmt: skip
#: What a page shows while its scripts fetch the rest: a whole line.
LOADING: Final = late(
    r"^\W*(?:loading|please wait|wird geladen|lade[nt]?|chargement(?: en cours)?|cargando|caricamento(?: in corso)?|carregando|laden|laddar|indlæser|laster|ladataan|ładowanie|wczytywanie|načítání|yükleniyor|загрузка|завантаження|جار التحميل|جاري التحميل|טוען|読み込み中|加载中|載入中|로딩 ?중)\W*$",
    re.IGNORECASE,
)
#: A live blog, by its headline or address, or by a line that opens it.
LIVE: Final = late(
    r"(?:^|[\s:|–—-])(?:live(?:[ -]?(?:blog|updates?|ticker|coverage|stream|text))?|as it happened|minute by minute|liveticker|newsblog|newsticker|ticker|en direct|direct|en vivo|en directo|minuto a minuto|última hora|in diretta|diretta|ao vivo|minuto a minuto|tempo real|liveblog|livebericht|live-?rapport|liverapport|direkte|live-?seuranta|hetki hetkeltä|na żywo|relacja(?: na żywo)?|online přenos|živě|canlı(?: anlatım| blog)?|онлайн|прямая трансляция|текстовая трансляция|наживо|ライブ|速報|直播|实时|實時|실시간|مباشر|لحظة بلحظة|خبر عاجل)(?:$|[\s:|–—-])",
    re.IGNORECASE,
)  # fmt: skip
#: Words for a gallery or a film in an address, a headline's kicker or a class.
GALLERY: Final = late(
    r"(?:^|[\s/_.:#-])(?:gallery|galleries|photo-?gallery|photogallery|slide-?show|in[ -]?pictures|photos?-of|photo-?essay|fotostrecke|bildergalerie|bilderstrecke|bilder|fotos|galerie|diaporama|en[ -]images|galeria|galería|fotogaleria|fotogalería|fotogallery|imagenes|imágenes|fotoserie|bildspel|bildextra|billedserie|bildeserie|kuvagalleria|kuvat|zdjecia|zdjęcia|fotogalerie|foto-?galeri|fotoreportazh|фотогалерея|фото|фоторепортаж|صور|写真|フォト|写真特集|图集|組圖|组图|포토)(?:$|[\s/_.:#-])",
    re.IGNORECASE,
)
VIDEO: Final = late(
    r"(?:^|[\s/_.:#-])(?:videos?|watch|tv|mediathek|clip|clips|film|vidéos?|vídeos?|filmy|wideo|видео|відео|فيديو|וידאו|動画|视频|視頻|影片|영상|동영상|mediaplayer|player|play|replay)(?:$|[\s/_.:#-])",
    re.IGNORECASE,
)
#: Scripts, fields and addresses of the well-known services that stand between a page and its readers, by
#: the names that their own documentation gives them.
GUARDS: Final = late(
    r"/cdn-cgi/challenge-platform/|cf-challenge|cf_chl_|challenges\.cloudflare\.com|_Incapsula_Resource"
    r"|geo\.captcha-delivery\.com|ct\.captcha-delivery\.com|px-captcha|_pxCaptcha|captcha\.px-cdn\.net"
    r"|awsWafCookieDomainList|AwsWafIntegration|\.token\.awswaf\.com|ak-challenge|sec-if-cpt-container|bm-verify"
    r"|hcaptcha\.com/1/api|/recaptcha/(?:api|enterprise)\.js|sucuri_cloudproxy_js|ddos-guard|kpsdk|aes\.js.{0,200}slowAES"
    r"|friendlycaptcha|/\.well-known/sgcaptcha|smartcaptcha",
    re.I | re.S,
)
