# SPDX-License-Identifier: Apache-2.0
"""
The user names and passwords that Mirai's scanner tries, with their weights, as its
published source lists them. They are facts about the threat: a detector that knows them
can say "this is a default password that botnets try".
"""

MIRAI = (
    ("root", "xc3511", 10), ("root", "vizxv", 9), ("root", "admin", 8), ("admin", "admin", 7),
    ("root", "888888", 6), ("root", "xmhdipc", 5), ("root", "default", 5), ("root", "juantech", 5),
    ("root", "123456", 5), ("root", "54321", 5), ("support", "support", 5), ("root", "", 4),
    ("admin", "password", 4), ("root", "root", 4), ("root", "12345", 4), ("user", "user", 3),
    ("admin", "", 3), ("root", "pass", 3), ("admin", "admin1234", 3), ("root", "1111", 3),
    ("admin", "smcadmin", 3), ("admin", "1111", 2), ("root", "666666", 2), ("root", "password", 2),
    ("root", "1234", 2), ("root", "klv123", 1), ("Administrator", "admin", 1),
    ("service", "service", 1), ("supervisor", "supervisor", 1), ("guest", "guest", 1),
    ("guest", "12345", 1), ("admin1", "password", 1), ("administrator", "1234", 1),
    ("666666", "666666", 1), ("888888", "888888", 1), ("ubnt", "ubnt", 1), ("root", "klv1234", 1),
    ("root", "Zte521", 1), ("root", "hi3518", 1), ("root", "jvbzd", 1), ("root", "anko", 4),
    ("root", "zlxx.", 1), ("root", "7ujMko0vizxv", 1), ("root", "7ujMko0admin", 1),
    ("root", "system", 1), ("root", "ikwb", 1), ("root", "dreambox", 1), ("root", "user", 1),
    ("root", "realtek", 1), ("root", "00000000", 1), ("admin", "1111111", 1), ("admin", "1234", 1),
    ("admin", "12345", 1), ("admin", "54321", 1), ("admin", "123456", 1),
    ("admin", "7ujMko0admin", 1), ("admin", "pass", 1), ("admin", "meinsm", 1), ("tech", "tech", 1),
)


def draw(chance):
    """(user, password), by weight."""
    place = chance.below(sum(weight for _, _, weight in MIRAI))
    for user, password, weight in MIRAI:
        place -= weight
        if place < 0:
            break
    return user, password


def from_recipe(ask, count):
    """Pairs to try: the recipe's list of "user:password", or draws from Mirai's."""
    given = ask.get("credentials", "mirai")
    if given == "mirai":
        return [draw(ask.chance) for _ in range(count)]
    return [tuple(pair.split(":", 1)) for pair in given]
