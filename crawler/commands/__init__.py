"""The command line: the top of the house."""


def main() -> None:
    raise SystemExit("not built yet")
