"""WordPress with WooCommerce: any prefix, a network of sites, dates of zeros, and people who have no account."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

UNREAD = "never-to-be-read"
_CORE = """
CREATE TABLE {p}users (
    ID bigint unsigned NOT NULL PRIMARY KEY, user_login varchar(60) NOT NULL DEFAULT '',
    user_pass varchar(255) NOT NULL DEFAULT '', user_nicename varchar(50) NOT NULL DEFAULT '',
    user_email varchar(100) NOT NULL DEFAULT '', user_url varchar(100) NOT NULL DEFAULT '',
    user_registered datetime NOT NULL DEFAULT '0000-00-00 00:00:00',
    user_activation_key varchar(255) NOT NULL DEFAULT '',
    user_status int NOT NULL DEFAULT 0, display_name varchar(250) NOT NULL DEFAULT '');
CREATE TABLE {p}usermeta (
    umeta_id integer PRIMARY KEY {auto}, user_id bigint unsigned NOT NULL DEFAULT 0, meta_key varchar(255),
    meta_value longtext);
CREATE TABLE {p}posts (
    ID bigint unsigned PRIMARY KEY, post_author bigint unsigned NOT NULL DEFAULT 0,
    post_date_gmt datetime NOT NULL DEFAULT '0000-00-00 00:00:00', post_content longtext, post_password varchar(255))
"""
_COMMENTS = """
CREATE TABLE {p}comments (
    comment_ID bigint unsigned PRIMARY KEY, comment_post_ID bigint unsigned NOT NULL DEFAULT 0, comment_author tinytext,
    comment_author_email varchar(100) NOT NULL DEFAULT '', comment_author_url varchar(200) NOT NULL DEFAULT '',
    comment_author_IP varchar(100) NOT NULL DEFAULT '', comment_date datetime, comment_date_gmt datetime,
    comment_content text, comment_agent varchar(255) NOT NULL DEFAULT '', comment_type varchar(20) NOT NULL DEFAULT '',
    user_id bigint unsigned NOT NULL DEFAULT 0)
"""
_SHOP = """
CREATE TABLE {p}wc_orders (
    id bigint unsigned PRIMARY KEY, status varchar(20), currency varchar(10), type varchar(20),
    total_amount decimal(26,8), customer_id bigint unsigned, billing_email varchar(320), date_created_gmt datetime,
    ip_address varchar(100), user_agent text);
CREATE TABLE {p}wc_order_addresses (
    id integer PRIMARY KEY {auto}, order_id bigint unsigned NOT NULL, address_type varchar(20), first_name text,
    last_name text, address_1 text, city text, country text, email varchar(320), phone varchar(100));
CREATE TABLE {p}wc_order_stats (
    order_id bigint unsigned PRIMARY KEY, date_created datetime, date_created_gmt datetime, total_sales double,
    customer_id bigint unsigned NOT NULL);
CREATE TABLE {p}wc_customer_lookup (
    customer_id bigint unsigned PRIMARY KEY, user_id bigint unsigned, username varchar(60) NOT NULL DEFAULT '',
    first_name varchar(255) NOT NULL, last_name varchar(255) NOT NULL, email varchar(100),
    date_last_active timestamp NULL, date_registered timestamp NULL, country char(2) NOT NULL DEFAULT '',
    postcode varchar(20) NOT NULL DEFAULT '', city varchar(100) NOT NULL DEFAULT '', state varchar(100));
CREATE TABLE {p}woocommerce_payment_tokens (
    token_id bigint unsigned PRIMARY KEY, gateway_id varchar(200), token text, user_id bigint unsigned,
    type varchar(200));
CREATE TABLE {p}woocommerce_payment_tokenmeta (
    meta_id integer PRIMARY KEY {auto}, payment_token_id bigint unsigned, meta_key varchar(255), meta_value longtext)
"""


def account(number: int, **values: Any) -> dict[str, Any]:
    return {
        "ID": number,
        "user_login": f"person{number}",
        "user_pass": f"$P${UNREAD}",
        "user_activation_key": UNREAD,
        "user_email": f"person{number}@example.com",
        "user_registered": "2025-03-01 08:00:00",
        "display_name": f"person {number}",
        **values,
    }


def meta(user: int, **values: str) -> list[dict[str, Any]]:
    return [{"user_id": user, "meta_key": name, "meta_value": value} for name, value in values.items()]


def comment(number: int, **values: Any) -> dict[str, Any]:
    when = {"comment_date": "2026-11-21 00:10:00", "comment_date_gmt": "2026-11-20 22:10:00"}
    return {"comment_ID": number, "comment_author_IP": "203.0.113.7", "comment_type": "comment", **when, **values}


def fill(database: Any, prefix: str, auto: str) -> None:
    for schema in (_CORE, _COMMENTS, _SHOP):
        database.script(schema.format(p=prefix, auto=auto))
    database.fill(
        f"{prefix}users",
        account(1),
        account(2, user_registered="0000-00-00 00:00:00", user_email=""),
        account(10, user_registered="2026-11-21 00:30:00", display_name=""),
    )
    session = f'a:1:{{s:5:"login";s:9:"{UNREAD}";}}'
    database.fill(
        f"{prefix}usermeta",
        *meta(
            1,
            first_name="Õie",
            last_name="O'Neill",
            locale="et",
            session_tokens=session,
            _application_passwords=session,
        ),
        *meta(1, billing_country="ee", billing_phone="+372 5550 0001", wc_last_active="1795219200", first_name_x="no"),
        *meta(2, first_name="", last_name="", locale="", billing_phone="", session_tokens=session),
        *meta(99, billing_phone="of nobody"),
    )
    guest = {"comment_author": "Guest", "comment_author_email": "guest@example.com"}
    database.fill(
        f"{prefix}comments",
        comment(1, user_id=1, comment_author_IP="2001:db8::1"),
        comment(2, user_id=0, **guest),
        comment(
            3, user_id=0, **guest | {"comment_author_email": "Guest@Example.com"}, comment_author_IP="198.51.100.1"
        ),
        comment(4, user_id=0, comment_author="WooCommerce", comment_type="order_note"),
        comment(5, user_id=0, comment_author="other.example", comment_type="pingback"),
    )
    order = {
        "status": "wc-completed",
        "type": "shop_order",
        "total_amount": 10,
        "date_created_gmt": "2026-11-20 22:20:00",
    }
    database.fill(
        f"{prefix}wc_orders",
        {"id": 100, "customer_id": 10, "billing_email": "person10@example.com", "ip_address": "203.0.113.10", **order},
        {"id": 101, "customer_id": 0, "billing_email": "buyer@example.com", "ip_address": "203.0.113.11", **order},
    )
    database.fill(
        f"{prefix}wc_order_addresses",
        {"order_id": 100, "address_type": "billing", "address_1": "Pikk 1", "phone": "+372 5550 0010"},
        {"order_id": 101, "address_type": "billing", "address_1": "Lai 2", "phone": "+372 5550 0011"},
    )
    database.fill(
        f"{prefix}wc_customer_lookup",
        {"customer_id": 1, "user_id": 10, "first_name": "T", "last_name": "T", "email": "person10@example.com"},
        {"customer_id": 2, "user_id": None, "first_name": "Bo", "last_name": "Buyer", "email": "buyer@example.com",
         "country": "LV", "city": "Rīga", "date_last_active": "2026-11-20 22:20:00"},
    )  # fmt: skip
    database.fill(
        f"{prefix}wc_order_stats",
        {"order_id": 100, "customer_id": 1, "total_sales": 10, "date_created_gmt": "2026-11-20 22:20:00"},
        {"order_id": 101, "customer_id": 2, "total_sales": 10, "date_created_gmt": "2026-11-20 22:20:00"},
    )
    database.fill(f"{prefix}woocommerce_payment_tokens", {"token_id": 5, "user_id": 1, "token": UNREAD})
    database.fill(
        f"{prefix}woocommerce_payment_tokenmeta",
        {"payment_token_id": 5, "meta_key": "last4", "meta_value": "4242"},
        {"payment_token_id": 5, "meta_key": "expiry_year", "meta_value": "2030"},
    )


@pytest.fixture(params=["mariadb", "sqlite"])
def shop(request: pytest.FixtureRequest) -> Any:
    database = request.getfixturevalue(f"{request.param}_database")
    fill(database, "blog7_", "AUTO_INCREMENT" if request.param == "mariadb" else "")
    return database


_WINDOW = ["--seen", "2026-11-20T22:00:00Z..2026-11-20T22:30:00Z"]


def test_users_their_meta_comments_and_orders_are_found(shop: Any, ask: Callable[..., Any]) -> None:
    answer = ask(shop.url, "--everyone")
    assert list(answer.people) == ["1", "10", "2"]
    one = answer.people["1"]
    assert (one.name, one.locale, one.country) == ("Õie O'Neill", "et", "EE")
    assert (one.created_at, one.last_seen_at) == ("2025-03-01T08:00:00Z", "2026-11-21T00:00:00Z")
    two = answer.people["2"]
    assert (two.name, two.email, two.created_at, two.locale) == ("person 2", None, None, None)
    assert answer.people["10"].name is None
    assert answer.uncertain("1 values of created_at could not be read")
    categories = answer.document["by_category"]
    assert categories["user.contact.phone_number"] == 2  # one in the meta, one at an order
    assert categories["user.financial.card_summary"] == 1
    assert categories["user.behavior.purchase_history"] == 1
    assert categories["user.authorization.session"] == 2  # by their rows, which are not looked into
    assert ask(shop.url, "--existing-at", "2026-11-20").keys == {"1", "2"}
    assert ask(shop.url, "--holding", "user.contact.address").keys == {"10"}


def test_trails_leave_guests_to_their_own_maps(shop: Any, ask: Callable[..., Any]) -> None:
    comments = ask(shop.url, "--trail", "comments", *_WINDOW)
    assert comments.keys == {"1"}
    assert not comments.uncertain("not in the account table")  # guests are nobody's accounts
    assert ask(shop.url, "--trail", "comments", "--from-ip", "2001:db8::/32").keys == {"1"}
    assert ask(shop.url, "--trail", "orders", *_WINDOW, "--from-ip", "203.0.113.0/24").keys == {"10"}
    assert "--ready wordpress-guests" in comments.err
    assert "--ready woocommerce-guests" in comments.err
    guests = ask(shop.url, "--ready", "wordpress-guests", "--everyone")
    assert guests.keys == {"2", "3"}
    assert (guests.document["accounts"], guests.document["people"]) == (2, 1)
    assert ask(shop.url, "--ready", "wordpress-guests", "--from-ip", "203.0.113.0/24").keys == {"2"}
    buyers = ask(shop.url, "--ready", "woocommerce-guests", *_WINDOW)
    assert buyers.keys == {"2"}
    assert (buyers.people["2"].name, buyers.people["2"].country) == ("Bo Buyer", "LV")
    assert buyers.document["by_category"]["user.contact.phone_number"] == 1
    everybody = ask(
        shop.url,
        "--everyone",
        *(w for n in ("wordpress", "wordpress-guests", "woocommerce-guests") for w in ("--ready", n)),
    )
    assert everybody.document["by_store"] == {"wordpress": 3, "wordpress-guests": 2, "woocommerce-guests": 1}


def test_a_network_of_sites_shares_its_users(shop: Any, ask: Callable[..., Any]) -> None:
    shop.script(_COMMENTS.format(p="blog7_3_"))
    shop.fill(
        "blog7_3_comments",
        comment(1, user_id=10, comment_author_IP="192.0.2.10"),
        comment(2, user_id=0, comment_author_email="third@example.com"),
    )
    assert ask(shop.url, "--trail", "comments-3", "--from-ip", "192.0.2.0/24").keys == {"10"}
    assert ask(shop.url, "--holding", "user.device.ip_address").keys == {"1", "10"}
    refused = ask(shop.url, "--ready", "wordpress-guests", "--everyone", expect=2)
    assert "wordpress-guests:blog7_3_comments" in refused.err
    assert ask(shop.url, "--ready", "wordpress-guests:blog7_3_comments", "--everyone").keys == {"2"}


@pytest.mark.parametrize(
    "condition", ["user_pass <> ''", "ID IN (SELECT user_id FROM blog7_usermeta WHERE umeta_id = 1)"]
)
def test_a_condition_may_look_at_rows_and_never_at_a_secret(
    sqlite_database: Any, ask: Callable[..., Any], condition: str
) -> None:
    fill(sqlite_database, "blog7_", "")
    answer = ask(sqlite_database.url, "--where", condition, expect=2 if "pass" in condition else 0)
    assert "which is a secret" in answer.err if "pass" in condition else answer.keys == {"1"}
