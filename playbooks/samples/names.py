"""
Names for invented people, put together by chance from common given and family names of each language.

The corner cases at the end are the names that letters and lists get wrong: apostrophes, quotes, commas, other scripts,
directions, great length, and none at all.
"""

from __future__ import annotations

import unicodedata
from functools import cache

# language: (given names, family names)
NAMES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "et": (
        ("Mari", "Kadri", "Liis", "Tõnu", "Jüri", "Ülle", "Õnne", "Kaarel", "Mart-Erik", "Ääro", "Triin", "Siim"),
        ("Tamm", "Saar", "Sepp", "Mägi", "Kask", "Kukk", "Rebane", "Ilves", "Õunapuu", "Põder", "Jõgi", "Kõiv"),
    ),
    "en": (
        ("Alice", "Grace", "Owen", "Maeve", "Harriet", "Noah", "Imogen", "Callum", "Jo", "Mary Ann"),
        ("Smith", "Baker", "O'Neill", "Fletcher", "MacLeod", "Ward-Hughes", "Okafor", "Reed", "D'Arcy", "Lee"),
    ),
    "fi": (("Aino", "Eero", "Väinö", "Päivi", "Jussi", "Hilkka"), ("Virtanen", "Mäkinen", "Hämäläinen", "Kärki")),
    "sv": (("Åsa", "Björn", "Göran", "Linnéa", "Örjan", "Elin"), ("Lindqvist", "Åkesson", "Sjöberg", "Öberg")),
    "lv": (("Jānis", "Līga", "Ģirts", "Elīna", "Ņina"), ("Bērziņš", "Kalniņa", "Ozoliņš", "Krūmiņa")),
    "lt": (("Eglė", "Žygimantas", "Rūta", "Šarūnas"), ("Kazlauskas", "Žukauskienė", "Petrauskas", "Ąžuolas")),
    "de": (("Jürgen", "Käthe", "Lena", "Günther", "Sören"), ("Müller", "Weiß", "von der Heide", "Schröder")),
    "fr": (("Zoé", "Benoît", "Anaïs", "Françoise", "Loïc"), ("Lefèvre", "D'Aubigné", "Garçon", "Noël")),
    "pl": (("Łukasz", "Żaneta", "Paweł", "Agnieszka"), ("Wójcik", "Śliwa", "Dąbrowska", "Zając")),
    "ru": (("Ольга", "Пётр", "Алёна", "Игорь"), ("Соловьёв", "Щукина", "Белый", "Ким")),
    "uk": (("Їжак", "Ганна", "Євген", "Соломія"), ("Коваленко", "Гриценко", "Ґудзь", "Шевчук")),
    "kk": (("Әсел", "Нұрлан", "Гүлнар", "Қайрат"), ("Әбдіров", "Қасымова", "Өтегенов", "Тілеуқызы")),
    "tr": (("İpek", "Çağla", "Işıl", "Oğuz"), ("Yıldız", "Şahin", "Güneş", "Öztürk")),
    "ja": (("結衣", "蓮", "さくら"), ("佐々木", "髙橋", "渡邊")),
    "ar": (("ليلى", "يوسف", "مريم"), ("الحداد", "منصور", "العلي")),
}

# (name, address): corner cases, which a company puts first among its people.
# An address may hold {n}, the account's own number, so that only those meant to be shared are.
CORNERS: tuple[tuple[str | None, str | None], ...] = (
    ("Mari-Liis O'Neill-Õunapuu", "mari-liis.o'neill{n}@kiri.example"),
    ('Anna "Annie" Kask', "annie{n}@kiri.example"),
    ("Tamm; Jüri, jr.", "jyri{n}@kiri.example"),
    ("<b>Siim & Pojad</b>", "siim{n}@kiri.example"),
    ("Ольга Соловьёва-Щукина", "olga{n}@post.example"),
    ("مريم العلي", "maryam{n}@post.example"),
    ("髙橋 さくら", "sakura{n}@post.example"),
    ("Zoë 🎬 Lefèvre", "zoe+video{n}@mail.example"),
    ("Kõrvemäe-Õismäe " * 14 + "Pikk", "pikk{n}@mail.example"),
    ("Kadri\r\nBcc: keegi@mail.example", "kadri{n}@mail.example"),
    (None, "nimeta{n}@mail.example"),
    ("   ", "tyhi{n}@mail.example"),
    ("Aino Kärki", None),
    ("Eero Virtanen", ""),
    ("Lena Weiß", "lena.weiss"),
    ("Owen Reed", "owen@@mail.example"),
    ("Grace Lee", "grace@mail..example"),
    ("Jo Baker", "jo baker@mail.example"),
    ("Ühine Esimene", "yhine@kiri.example"),
    ("Ühine Teine", "Yhine@Kiri.example"),
    ("Ühine Kolmas", " yhine@kiri.example "),
    ("Пётр Белый", "pyotr{n}@почта.example"),
)

DOMAINS = ("kiri.example", "post.example", "mail.example", "example.com", "example.org", "example.net")


@cache
def mailbox(name: str) -> str:
    """`name` as the part before the @ could spell it: ASCII letters, "user" where there are none."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return "".join(sign for sign in plain.lower() if sign.isalnum()) or "user"
