"""A document as TOML that reads like one written by hand: `[tissue.dish]`, `[[cell.cancer.rule]]`, one key
per line.

Tables come in the order of the document. Small tables deep down, such as the walls of a ligand, stay on one
line.
"""

import tomli_w

__all__ = ["write_toml"]

_WIDEST = 110  # characters of a line with a list or a table in it


def write_toml(document):
    """TOML text of nested tables and lists, as `validation.document_of` gives them.

    Parameters
    ----------
    document : dict
        Of text, numbers, true, false, lists and tables. Empty lists and tables are left out.

    Returns
    -------
    str
        Read again, it gives every value to the last bit.

    Examples
    --------
    >>> print(write_toml({"title": "x", "cell": {"a": {"rule": [{"hill": 2.0}]}}}), end="")
    title = "x"
    <BLANKLINE>
    [[cell.a.rule]]
    hill = 2.0
    """
    return "\n".join(_table((), document)).lstrip("\n") + "\n"


def _table(path, table, header=""):
    """Lines of a table and of all below it."""
    lines, below = [], []
    for key, value in table.items():
        if value in ([], {}):
            continue
        if isinstance(value, dict) and not _fits(path, key, value):
            below += _table((*path, key), value, f"[{_dotted((*path, key))}]")
        elif isinstance(value, list) and isinstance(value[0], dict):
            for entry in value:
                below += _table((*path, key), entry, f"[[{_dotted((*path, key))}]]")
        else:
            lines.append(_line(key, value))
    if header and (lines or header.startswith("[[") or not below):
        lines = ["", header, *lines]
    return [*lines, *below]


def _fits(path, key, value):
    """Whether a table may stand on one line: deep down, and with nothing but plain values in it."""
    plain = not any(isinstance(entry, (dict, list)) for entry in value.values())
    return len(path) >= 2 and plain and len(_line(key, value)) <= _WIDEST


def _dotted(path):
    return ".".join(map(_key, path))


def _key(name):
    bare = name.isascii() and name.replace("-", "").replace("_", "").isalnum()
    return name if bare else _plain(name)


def _line(key, value):
    if isinstance(value, str) and "\n" in value and "\r" not in value:  # TOML may read \r\n as \n
        return tomli_w.dumps({key: value}, multiline_strings=True).rstrip("\n")
    line = f"{_key(key)} = {_inline(value)}"
    if isinstance(value, list) and len(line) > _WIDEST:
        return "\n".join([f"{_key(key)} = [", *(f"    {_inline(entry)}," for entry in value), "]"])
    return line


def _inline(value):
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key(key)} = {_inline(entry)}" for key, entry in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    return _plain(value)


def _plain(value):
    """One value as TOML writes it."""
    return tomli_w.dumps({"_": value}).removeprefix("_ = ").rstrip("\n")
