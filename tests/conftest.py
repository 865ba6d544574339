"""Fixtures of every test: a real PostgreSQL and a real MariaDB, each started when first asked for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import servers
from hypothesis import HealthCheck, settings

# A slow machine is no bug: examples have no time limit of their own, the test run has one.
settings.register_profile("this project", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("this project")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--refresh-golden", action="store_true", help="write golden letters and pages anew, to review as a diff"
    )


@pytest.fixture
def refresh_golden(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--refresh-golden"))


@pytest.fixture(scope="session", autouse=True)
def _a_cache_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What the program keeps between runs stays out of the home folder of whoever runs the tests."""
    with pytest.MonkeyPatch.context() as environ:
        environ.setenv("INCIDENT_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def postgres_server_url() -> Iterator[str]:
    """The URL of the server's own database, for tests that make what they need beside it."""
    with servers.postgres_server() as url:
        yield url


@pytest.fixture
def postgres_url(postgres_server_url: str) -> Iterator[str]:
    """The URL of an empty PostgreSQL database, for one test."""
    with servers.fresh_database(postgres_server_url) as url:
        yield url


@pytest.fixture(scope="session")
def mariadb_server_url() -> Iterator[str]:
    """The URL of the server, for tests that make what they need there."""
    with servers.mariadb_server() as url:
        yield url


@pytest.fixture
def mariadb_url(mariadb_server_url: str) -> Iterator[str]:
    """The URL of an empty MariaDB database, for one test."""
    with servers.fresh_mariadb(mariadb_server_url) as url:
        yield url
