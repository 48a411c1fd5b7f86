"""One flag: ``pytest --rewrite`` writes the golden files anew."""


def pytest_addoption(parser):
    parser.addoption(
        "--rewrite", action="store_true", help="write the golden files anew"
    )
