"""One flag: ``pytest --rewrite`` writes the golden files anew; and a browser."""

from browser import driver, opened  # noqa: F401 (fixtures for the tests of the page)


def pytest_addoption(parser):
    parser.addoption(
        "--rewrite", action="store_true", help="write the golden files anew"
    )
