"""The stand-ins bear the names of real packages: pytest must not import them."""

collect_ignore = ["fake"]
