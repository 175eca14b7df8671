"""Function words of many languages: running text is full of them, menus and teasers are not.

A few dozen of the most frequent words of each language, chosen by hand; one union serves, since the language of a
single line cannot be told. Languages written without spaces are counted by character instead.
"""

from __future__ import annotations

_TABLE = """
en: the of and to in a is that for it was on with as be at by this had not are but from or have an they which one
    you were her all she there would their we him been has when who will more no if out so said what up its about
    into than them can only other new some could these two may then do first any my now such like our over me even
    most made after also did many before must through back where much your way well down should because each just
    those how too very still while last us he his i
de: der die das und in zu den ist von mit nicht ein eine einen einem einer sich auf auch es an als für im dem dass
    daß werden aus er hat sie nach wird bei noch wie über so zum zur war haben nur oder aber vor bis mehr durch man
    sein wurde sei am hatte kann gegen vom können schon wenn habe seine ihre unter wir soll ich eines jahr sind um
    seit damit mich uns ihm ihr wieder gibt dann sowie bereits hier
fr: le la les de des du un une et à est en que qui dans pour pas sur plus par ne se ce il elle sont avec au aux son
    sa ses on mais ou nous vous ont cette été être comme leur leurs y fait ces tout très aussi même après bien dont
    entre sans deux peut si lui ils selon lors
es: el la los las de del y en que un una por con no es se su para al lo como más o pero sus le ha me si sin sobre
    este ya entre cuando todo esta ser son dos también fue había era muy años hasta desde está mi porque qué sólo
    han yo hay vez puede todos así nos ni parte tiene él uno donde
it: il lo la i gli le di del della dei delle dello che e è in un una per non con si da dal dalla al alla come più
    sono anche ma ha nel nella nei nelle su sul sulla suo sua loro questo questa essere stato hanno o se ci cui tra
    dopo anni due ancora solo prima gli
pt: o a os as de do da dos das e que em um uma para com não no na nos nas por se mais como mas foi ao ele ela à sua
    seu ou quando muito já eu também só pelo pela até isso entre era depois sem mesmo aos seus quem são está há ter
nl: de het een en van in is dat die te op zijn voor met niet aan er om ook als dan maar bij nog uit naar heeft door
    over ze hij wel wordt worden werd tot haar of meer kan deze was hebben geen veel onder hun
sv: och i att det som en på är av för med till den har de inte om ett han men var jag sig från vi så kan hon när år
    också efter eller nu där än ska vid mot över bli få här detta
no: og i det er som på en av for at til med de har den ikke et om han var jeg seg fra vi så kan hun når år også
    etter eller nå der enn skal ved mot over bli få her dette men
da: og i at det er en til på som for de med han af ikke der var den har et men om vi sig fra havde jeg hun kan så
    efter blev også eller skal vil nu mod over år
fi: ja on ei se että oli hän mutta ovat joka kun niin myös kuin mukaan sekä tai jo ole vain nyt jos ollut sen
    mitä tämä hänen olisi voi vielä noin
is: og í að á er sem við það en til um af með fyrir var hann ekki frá eru þá hún því ég þeir hafa verið
pl: w i na z do się nie że to jest o jak za po od są ale przez dla przy tym oraz był tak lub być jego który która
    które przed także może jej ich tego już tylko
cs: a v se na je že s z o do i to k za by ve pro si ale po jako jsou od jeho který která které při bude podle také
    byl nebo jen však už
ru: и в не на я что с он как это по но из у к за то от его она так о для же мы бы вы все или до когда были было был
    если под после при уже их чтобы только также который которые
uk: і в на що з не до та у як за це від про для його але він по так при а є був було були також після або якщо які
    який вже їх має через
bg: и на за да се в от с че по не са до като към но това при или след само
ro: de și în a la cu pe că nu să din o un pentru este mai care sunt au fost prin ca dar după fi
hu: a az és hogy nem is egy meg ez volt csak már ki mint de még van vagy el kell lesz után
tr: ve bir bu da de için ile çok olarak daha en gibi sonra kadar ne olan var ancak her göre
el: και το να η του της με που την από για τα τον στο ότι των οι δεν σε στην είναι τη
id: yang dan di ini itu dengan untuk dari dalam tidak pada akan juga ke adalah oleh sebagai telah dia saat bisa
vi: và của là có cho được trong với không những các một người này đã khi từ đến để
lt: ir į kad yra su iš tai kaip bet ne jo po už apie buvo taip nuo iki dėl
et: ja on ei et ta see kui ka oma aga või oli mis kes ning
hr: i u je da se na za su od s ne što koji će kao iz ali to bio nakon
ca: el la els les de del i que en un una per amb no és es al com més però seva
gl: o a os as de do da e que en un unha para con non se por no na máis como foi polo
sw: na ya wa kwa ni katika la za kuwa hiyo hii huo cha pia alisema
ar: في من على أن إلى عن التي الذي هذا هذه ما لا كان مع كما أو بعد قد بين ذلك
he: של את על לא כי הוא היא עם זה גם אל כל או יותר אבל היה
fa: و در به از که این را با است برای آن یک تا بر هم
hi: के में की है का को से और ने पर कि यह भी एक हैं लिए नहीं इस
lb: an de d'd déi op fir mat dat net sinn ass vun och
"""

#: All of them; a word of two languages counts once.
STOPWORDS = frozenset(
    word
    for line in _TABLE.replace("\n    ", " ").strip().splitlines()
    for word in line.partition(":")[2].split()
)
