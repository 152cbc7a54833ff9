"""Autocrine, paracrine and endocrine are measured, never asked for: no code decides by these words.

They may stand in prose, in the name of the package, and as labels of results in `measure`, `output` and the
faces.
"""

import ast
import re
from pathlib import Path

import pytest

import autocrine_abm

PACKAGE = Path(autocrine_abm.__file__).parent
WORDS = ("autocrine", "paracrine", "endocrine", "juxtacrine")
OTHER_USES = re.compile(
    r"autocrine[_-]abm"  # the package
    r"|autocrine_cache_dir|autocrineerror"  # a variable of the environment, and the base of its errors
    r"|autocrine (analyze|calibrate|check|dashboard|list|report|resume|run|show|sweep|verify)\b"  # the command
)
LABELED = {"measure", "output", "evidence", "dashboard", "cli"}
MODULES = sorted(path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py"))


def says(text):
    text = OTHER_USES.sub("", text.lower())
    return any(word in text for word in WORDS)


def prose_of(tree):
    """Nodes of docstrings, and of strings that stand alone."""
    return {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}


def faults_of(source, labels_allowed):
    """Lines where one of the words is a name or a string, prose and, where allowed, labels apart."""
    tree = ast.parse(source)
    prose = prose_of(tree)
    faults = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.If, ast.IfExp, ast.While)):
            decided = [node.test]
        elif isinstance(node, ast.Match):
            decided = [node.subject, *(case.pattern for case in node.cases)]
        elif isinstance(node, (ast.Compare, ast.BoolOp, ast.comprehension)):
            decided = [node]
        elif labels_allowed:
            continue
        else:
            decided = (
                [node]
                if isinstance(node, (ast.Constant, ast.Name, ast.Attribute, ast.arg, ast.keyword))
                else []
            )
        for root in decided:
            for part in ast.walk(root):
                words = [part.value] if isinstance(part, ast.Constant) and isinstance(part.value, str) else []
                words += [
                    getattr(part, field)
                    for field in ("id", "attr", "arg")
                    if isinstance(getattr(part, field, None), str)
                ]
                if id(part) not in prose and any(map(says, words)):
                    faults.add(part.lineno)
    return sorted(faults)


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_no_code_decides_by_the_kind_of_signaling(module):
    assert faults_of((PACKAGE / module).read_text("utf-8"), labels_allowed=module.parts[0] in LABELED) == []


@pytest.mark.parametrize(
    "source, labels_allowed",
    [
        ('if kind == "autocrine":\n    pass', True),
        ("if is_paracrine:\n    pass", True),
        ("x = 1 if self.mode.endocrine_loop else 0", True),
        ('match kind:\n    case "paracrine":\n        pass', True),
        ('chosen = [c for c in cells if c.kind != "endocrine"]', True),
        ('share["autocrine"] = 1.0', False),
        ("def exchange(autocrine_share):\n    pass", False),
    ],
)
def test_a_decision_is_found(source, labels_allowed):
    assert faults_of(source, labels_allowed)


@pytest.mark.parametrize(
    "source, labels_allowed",
    [
        ('"""Autocrine, paracrine and endocrine signaling are one mechanism."""', False),
        ("from autocrine_abm.units import parse", False),
        ('if folder.name == "autocrine_abm":\n    pass', False),
        ('columns = {"autocrine": own, "paracrine": others}', True),
    ],
)
def test_prose_and_labels_pass(source, labels_allowed):
    assert faults_of(source, labels_allowed) == []
