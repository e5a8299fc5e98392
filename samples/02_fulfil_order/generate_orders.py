#!/usr/bin/env python3
"""Writes orders as a shop would have them, one JSON object a line: the input of the workflow fulfil-order.

The same seed writes the same bytes. Names and streets hold what breaks careless code: quotes, apostrophes, other
scripts, right-to-left text, combining marks, emoji, percent signs, and text that looks like SQL or HTML.
"""

import argparse
import json
import random
import sys
import unicodedata

# Given names, family names, streets and (postcode, city) of one country belong together.
COUNTRIES = {
    "DE": (["Jürgen", "Anke", "Sören", "Käthe", "Matthias"],
           ["Müller", "Groß", "von der Heide", "Weiß-Krüger"],
           ["Lange Straße {}", "Am Sägewerk {}", "Straße des 17. Juni {}a"],
           [("20095", "Hamburg"), ("04109", "Leipzig"), ("80331", "München")]),
    "IE": (["Siobhán", "Pádraig", "Aoife", "Liam"],
           ["O'Brien", "O’Connor", "Ní Dhomhnaill", "Walsh"],
           ["{} St. Stephen's Green", "Flat 3, {} Eyre Square"],
           [("D02 X285", "Dublin 2"), ("H91 AY1T", "Galway")]),
    "FR": (["Éloïse", "Benoît", "Anaïs", "Jean-François"],
           ["L'Hôpital", "Lefèvre", "D’Aubigné", "Nuñez"],
           ["{} bis, rue de l'Église", "{}, allée des Frères \"Lumière\""],
           [("75011", "Paris"), ("69003", "Lyon")]),
    "PL": (["Żaneta", "Łukasz", "Grażyna"],
           ["Wąs", "Świętosławska", "Bąk"],
           ["ul. Źródlana {}/4", "al. Jerozolimskie {}"],
           [("90-001", "Łódź"), ("31-002", "Kraków")]),
    "GR": (["Ελένη", "Γιώργος"],
           ["Παπαδοπούλου", "Νικολάου"],
           ["Οδός Αθηνάς {}"],
           [("105 54", "Αθήνα")]),
    "JP": (["花子", "太郎", "美咲"],
           ["山田", "佐藤", "髙橋"],
           ["中央区銀座{}丁目"],
           [("104-0061", "東京都"), ("530-0001", "大阪市")]),
    "IL": (["נועה", "יוסף"],
           ["כהן", "לוי"],
           ["רחוב הרצל {}"],
           [("6688312", "תל אביב")]),
    "IN": (["प्रिया", "Arjun"],
           ["शर्मा", "Nair"],
           ["{}/2, MG Road \\ Opp. \"Big Bazaar\""],
           [("560001", "Bengaluru")]),
    "US": (["Mary-Ann", "DeShawn", "José 🎸"],
           ["Smith & Sons", "Null", "Johnson III"],
           ["{} Main St., Apt #4; Ring 2x", "{} 100% Real Rd.\tRear entrance"],
           [("10001", "New York"), ("94110", "San Francisco")]),
}
CURIOUS = ["Robert'); drop table orders;--", "<b>Bold</b> Move Ltd.", "Zoe\u0301 Nu\u0308sse", "C:\\temp\\new",
           "${HOME} & co.", "{}", "undefined"]
SKUS = {  # price in cents
    "LAMP-BRASS-02": 8_900,
    "CHAIR-OAK/NATURAL": 18_900,
    "MUG-BLUE-350ML": 1_290,
    "TEE-S-ÖKO": 2_450,
    "BOOK-978-3-16-148410-0": 2_999,
    "CABLE-USB-C-2M": 990,
    "POSTER-A2 \"DÜNE\"": 1_850,
    "TEA-50%-GREEN": 640,
}
MAIL_HOSTS = ["example.com", "example.org", "example.net"]


def mailbox(name, number):
    """An ASCII mailbox for a name in any script."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    words = "".join(c.lower() if c.isalnum() else " " for c in plain).split()
    return ".".join(words[:3] + [str(number)]) or f"customer.{number}"


def make_order(dice, number, year):
    country = dice.choice(sorted(COUNTRIES))
    given, family, streets, towns = COUNTRIES[country]
    name = f"{dice.choice(given)} {dice.choice(family)}"
    if dice.random() < 0.02:
        name = dice.choice(CURIOUS)
    postcode, city = dice.choice(towns)
    sku = dice.choice(sorted(SKUS))
    quantity = dice.choices([1, 2, 3, 5, 12], [60, 20, 10, 6, 4])[0]
    customer = dice.randrange(1, 9_000)
    return {
        "order_id": f"SO-{year}-{number:06d}",
        "customer_id": f"C{customer:05d}",
        "sku": sku,
        "email": f"{mailbox(name, customer)}@{dice.choice(MAIL_HOSTS)}",
        "quantity": quantity,
        "total_cents": quantity * SKUS[sku] + dice.choice([0, 490, 990]),
        "address": {"name": name, "street": dice.choice(streets).format(dice.randrange(1, 300)),
                    "postcode": postcode, "city": city, "country": country},
    }


def make_orders(count, seed):
    dice = random.Random(seed)
    return [make_order(dice, number, 2026) for number in range(1, count + 1)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--orders", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    sys.stdout.reconfigure(encoding="utf-8")
    for order in make_orders(arguments.orders, arguments.seed):
        print(json.dumps(order, ensure_ascii=False))


if __name__ == "__main__":
    main()
