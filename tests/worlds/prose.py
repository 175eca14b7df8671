"""News of places that are not: headlines and paragraphs of ordinary words, the same for the same number."""

from __future__ import annotations

import random

_PLACES = (
    "Aldmere", "Brackwater", "Carrow Bridge", "Dunhollow", "Eastlow", "Fenwick Moor", "Garrowby", "Hartsea",
    "Inverloch", "Jessop Vale", "Kelmarsh", "Lindenau", "Marlow Cross", "Northgate", "Osterley Point",
    "Penhallow", "Quarry Hill", "Ravensby", "Stonewell", "Thornwick", "Ulverton", "Vexley", "Westerholt",
    "Yarrowdale",
)  # fmt: skip
_FIRST = (
    "Anna", "Bruno", "Carla", "David", "Elena", "Farid", "Greta", "Hugo", "Irene", "Jonas", "Klara", "Liam",
    "Mira", "Nadia", "Oskar", "Paula", "Rosa", "Samir", "Tessa", "Viktor",
)  # fmt: skip
_LAST = (
    "Abbott", "Berger", "Castellan", "Dorn", "Ekholm", "Farrow", "Gallagher", "Hale", "Ivers", "Jansen",
    "Keller", "Lindqvist", "Marsh", "Novak", "Okoro", "Pryce", "Quint", "Rossi", "Sandoval", "Tanner",
    "Ulrich", "Vance", "Whitlock", "Young",
)  # fmt: skip
_BODIES = (
    "the town council", "the harbour office", "the regional court", "the water board", "the teachers' union",
    "the fire service", "the university", "the railway company", "the public prosecutor", "the health office",
    "the chamber of commerce", "the farmers' association", "the port authority", "the state bank",
    "the ministry of transport", "the weather service", "the hospital trust", "the planning committee",
    "the football club", "the museum's board",
)  # fmt: skip
_THINGS = (
    "the new ferry line", "the budget for next year", "the repair of the old bridge", "the sale of the mill",
    "the flood defences", "the night bus", "the school meals", "the wind farm off the coast", "the tram depot",
    "the price of drinking water", "the northern bypass", "the market hall", "the housing programme",
    "the closure of the clinic", "the grain harvest", "the lease of the airfield", "the shortage of nurses",
    "the reservoir", "the festival on the quay", "the trial of the former mayor", "the cycling network",
    "the fishing quota", "the power cut in March", "the plan for a second runway",
)  # fmt: skip
_ACTS = (
    "approved", "rejected", "postponed a decision on", "published its report on", "raised questions about",
    "opened an inquiry into", "asked for more money for", "reached an agreement on", "withdrew its objection to",
    "warned of delays to", "announced changes to", "called a public meeting about",
)  # fmt: skip
_VERBS = (
    "approves", "rejects", "delays", "reviews", "questions", "investigates", "defends", "revives", "debates",
    "suspends", "backs", "abandons",
)  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_CLAUSES = (
    "after months of negotiation", "despite protests from residents", "by a majority of {n} votes",
    "for the second time in {n} years", "to the surprise of most observers", "following a long debate",
    "while several hundred people waited outside", "without naming a date", "against the advice of its experts",
    "at a cost of {n} million", "only days before the deadline", "in a session that lasted until midnight",
)  # fmt: skip
_SENTENCES = (
    "{Body} in {place} {act} {thing} on {day}, {clause}.",
    "“We have waited {n} years for this, and nobody should expect it to be easy,” said {name}, who speaks for {body}.",
    "According to figures that {body} released on {day}, about {big} people depend on {thing} every week.",
    "{name}, a member of the committee, told reporters that work on {thing} could begin within {n} weeks.",
    "Critics say that {thing} has cost the region more than {n} million since it was first proposed.",
    "A spokesman for {body} declined to comment on {thing}, but confirmed that talks had taken place in {place}.",
    "The decision affects roughly {big} households between {place} and the coast, where similar plans failed before.",
    "Residents of {place} have collected {big} signatures and intend to hand them over on {day} morning.",
    "In the past {n} months the number of complaints rose by {n} per cent, most of them about {thing}.",
    "“It is a reasonable compromise,” {name} said, adding that {body} would have preferred another solution.",
    "An earlier draft, seen by this newspaper, had put the share that {body} would have to pay at {n} per cent.",
    "The dispute began when an engineer found cracks in a building near {place} and {body} ordered an inspection.",
    "Since then, {thing} has been on the agenda of nearly every meeting, usually {clause}.",
    "{Body} and its partners in {place} now have until {day} to present a revised schedule.",
    "Experts from {place} who studied {thing} for {body} found that {n} of {big} samples were above the limit.",
    "Not everyone agrees: {name}, who runs a small business near the station, fears that customers will stay away.",
    "If nothing changes, the money set aside for {thing} will be used up before the end of the season.",
    "The mayor of {place} said the town could not carry the burden alone and hoped for help from {body}.",
)  # fmt: skip


def _filled(rng: random.Random, pattern: str) -> str:
    body = rng.choice(_BODIES)
    return pattern.format(
        body=body,
        Body=body[0].upper() + body[1:],
        place=rng.choice(_PLACES),
        thing=rng.choice(_THINGS),
        act=rng.choice(_ACTS),
        day=rng.choice(_DAYS),
        name=f"{rng.choice(_FIRST)} {rng.choice(_LAST)}",
        n=rng.randint(2, 48),
        big=f"{rng.randint(11, 980) * 10:,}",
        clause=rng.choice(_CLAUSES).format(n=rng.randint(2, 40)),
    )


def sentences(rng: random.Random, number: int) -> str:
    """So many sentences, of different patterns."""
    patterns = rng.sample(_SENTENCES, number)
    return " ".join(_filled(rng, pattern) for pattern in patterns)


def headline(rng: random.Random) -> str:
    """Six to ten words, as a newspaper writes them."""
    body, thing = rng.choice(_BODIES), rng.choice(_THINGS)
    subject = body.removeprefix("the ")
    text = f"{rng.choice(_PLACES)} {subject} {rng.choice(_VERBS)} {thing}"
    return text if rng.random() < 0.5 else f"{text} {rng.choice(_CLAUSES).format(n=rng.randint(3, 40))}"


def author(rng: random.Random) -> str:
    return f"{rng.choice(_FIRST)} {rng.choice(_LAST)}"


def paragraphs(rng: random.Random) -> list[str]:
    """The body of an article: five to nine paragraphs of two to four sentences."""
    return [sentences(rng, rng.randint(2, 4)) for _ in range(rng.randint(5, 9))]


def slug(text: str) -> str:
    """A headline as a part of an address."""
    kept = "".join(c if c.isalnum() else " " for c in text.lower().replace("’", "").replace("'", ""))
    return "-".join(kept.split())
