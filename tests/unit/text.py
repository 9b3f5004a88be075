"""Swedish as people write it in a hurry: å ä ö é ü, long compounds, curly quotes, non-breaking spaces, lists pasted
from a word processor. No names, no places, no numbers that look like anybody's."""

CHILD = ["flickan", "pojken", "barnet", "den unge", "ungdomen"]
ADULT = ["mamman", "pappan", "vårdnadshavaren", "den andra föräldern", "mormodern", "familjehemsföräldern"]
PLACE = ["skolan", "förskolan", "hemmet", "boendet", "fritidshemmet", "ungdomsmottagningen", "öppenvården", "entrén till boendet"]
WHEN = ["i våras", "under hösten", "sedan sommaren", "de senaste veckorna", "vid två tillfällen", "före jul", "i\u00a0början av terminen"]
COMPOUND = [
    "barnavårdsutredningsdokumentationsgranskningsrutinerna",
    "våldspreventionssamverkansöverenskommelseuppföljningen",
    "genomförandeplansuppföljningssamtalsdokumentationen",
    "placeringsbeslutsunderlagskvalitetssäkringsarbetsgruppen",
    "omedelbartomhändertagandebeslutsunderlagsgranskningen",
    "traumabehandlingsinsats", "umgängesbegränsning", "skolfrånvarouppföljning", "riskbedömningssamtal",
    "åtgärdsprogramsuppföljning", "vårdnadshavarsamtycke", "överlämningssamtal",
]
SENTENCES = [
    "{C} har berättat om bråk i {p} {w} och säger att det känns otryggt.",
    "{A} bekräftar uppgifterna men beskriver dem som överdrivna.",
    "{C} vill bo kvar nära {p} och träffa sina syskon varje vecka.",
    "Samtal har hållits med {c} enskilt och med {a} var för sig.",
    "Enligt {p} har frånvaron ökat {w}.",
    "{C} säger själv: ”jag vill att det ska bli lugnt hemma”.",
    "Uppgifterna är kontrollerade mot {k} och stämmer.",
    "Det finns inga skäl som med hänsyn till barnets bästa talar mot insatsen.",
    "Bedömningen görs om före varje hemvistelse, dock senast inom 14\u00a0dagar.",
    "{A} samtycker till insatsen men vill att {p} informeras först.",
    "{K} är bokad och ska vara klar innan nästa uppföljning.",
    "Kontaktpersonen följer med till {p} den första tiden.",
    "Ett nytt möte hålls kl.\u00a015 på {p} med {c} och {a}.",
    "Det framgår inte hur {c} ser på förslaget; det behöver kompletteras.",
    "{C} sover bättre och äter frukost – oftast müsli – tillsammans med de andra.",
    "Ingen idé att vänta: frågan lyfts på gruppmötet och tas vidare till {k}.",
    "Barnets inställning till varje föreslagen insats skrivs under en egen rubrik.",
    "Utföraren har redovisat sin rutin för {k} utan anmärkning.",
    "Risken för ytterligare våld bedöms mot bakgrund av vad {c} har berättat {w}.",
    "{A} har fullföljt föräldrastödet, men umgänget på {p} behöver ses över.",
    "Skolan, regionen och socialtjänsten har samma bild av läget.",
    "{C} och {a} har fått information om vad som händer nu och varför.",
    "Vården behövs fortfarande och fungerar i huvudsak enligt planen.",
    "Kvarstår: {k}, och att {p} får veta vem som är ansvarig.",
]
SHORT = [
    "Avstämt med handläggaren.", "Se vårdplanen.", "Finns i akten, daterat.", "Uppföljning bokad.", "Väntar på svar från utföraren.",
    "Ringt, inget svar.", "Kompletterat enligt granskningen.", "Överlämnat till ny handläggare.", "Ingen åtgärd.", "Klart.",
]
BULLETS = ["•\u00a0Barnets inställning", "•\u00a0Skolgång och frånvaro", "•\u00a0Umgänge, var och med vem", "•\u00a0Vem gör vad, senast när",
           "•\u00a0”Trygg vuxen” utsedd", "•\u00a0Hälsoundersökning: initierad hos regionen", "–\u00a0vardagsrutiner", "–\u00a0hemvistelser"]


def sentences(r):
    """One after the other about the same child, none said twice before all are said."""
    c, a, at, step = r.pick(CHILD), r.pick(ADULT), r.below(len(SENTENCES)), r.pick((1, 5, 7, 11, 13, 17))
    while True:
        k = r.pick(COMPOUND)
        yield SENTENCES[at].format(c=c, C=c[0].upper() + c[1:], a=a, A=a[0].upper() + a[1:], p=r.pick(PLACE), w=r.pick(WHEN), k=k, K=k[0].upper() + k[1:])
        at = (at + step) % len(SENTENCES)


def text(r, median, p95, top):
    """About as long as the distribution says, never longer than `top`."""
    want = r.length(median, p95, top)
    if want < 60:
        return r.pick(SHORT)
    out, n, bullets, more = [], 0, want > 500 and r.chance(30), sentences(r)
    while True:
        if bullets and n > want // 3:
            bullets = False
            s = "\n" + "\n".join(r.sample(BULLETS, r.among(3, 6))) + "\n"
        else:
            s = next(more)
        # the last sentence stands if it brings the text closer to the length asked for
        if out and (n + len(s) // 2 > want or n + len(s) + 2 > top):
            break
        sep = "" if not out or out[-1].endswith("\n") or s.startswith("\n") else "\n\n" if r.chance(8) else " "
        out.append(sep + s)
        n += len(sep) + len(s)
    return "".join(out).strip("\n")


def exactly(r, n):
    """A text of n characters."""
    s = text(r, n, n, n)
    more = sentences(r)
    while len(s) < n:
        s += " " + next(more)
    s = s[:n]
    return s[:-1] + "." if s[-1] in " \n" else s
