"""Whatever is wrong in a scenario file, its author gets one message that says where, what and what else.

Every scenario is damaged in every line in every way that people damage files. What remains is either a valid
scenario, which can be described, judged and written back, or it is refused with file, line and path; nothing
else may happen.
"""

import re

import pytest
from click.testing import CliRunner

from autocrine_abm.cli import main
from autocrine_abm.errors import ScenarioError
from autocrine_abm.scenario import files, library
from autocrine_abm.scenario.adequacy import judge
from autocrine_abm.scenario.describe import describe

#: What the shipped scenarios might not use: inline tables, walls by face, periodic axes, two tissues, masses.
MANY_KEYS = """
title = "many keys"
run = { duration = "2 hour", behavior_step = "10 min", seed = 4, threads = 2 }

[tissue.primary]
size = ["200 um", "100 um", "100 um"]
spacing = ["20 um", "10 um", "25 um"]
periodic = ["y"]
sensing = "voxel"
close_neighbors = "mesh"

[tissue.plate]
size = ["100 um", "100 um", "10 um"]
spacing = "10 um"
space = "lattice"

[ligand.TNF]
diffusion = "3600 um^2/min"
decay = "0.0154 1/min"
initial = "0.1 ng/mL"
molar_mass = "17 kDa"
boundary = { others = "open", x_low = "fixed 0.2 nM", z_high = "no-flux" }

[[ligand.TNF.trap]]
ligand = "etanercept"
k_on = "0.06 1/nM/min"

[ligand.etanercept]
diffusion = "3000 um^2/min"

[ligand.oxygen]
diffusion = "1e5 um^2/min"
solubility = "1.3 uM/mmHg"
boundary = "fixed 38 mmHg"
transport = "steady"

[cell.macrophage]
radius = "5 um"
migration_rate = "0.01 1/min"
migrates_to = "free neighbor"
daughter = "random neighbor"
secretes = [{ ligand = "TNF", rate = "100 molecules/min" }]
takes_up = [
    { ligand = "oxygen", clearance = "1000 um^3/min" },
    { ligand = "TNF", clearance = "20 um^3/min", half_saturation = "1 nM" },
]

[[cell.macrophage.rule]]
signal = "TNF"
increases = "secretion of TNF"
to = "500 molecules/min"
half = "1 ng/mL"
hill = 2.5

[[cell.macrophage.rule]]
signal = "pressure"
decreases = "uptake of TNF"
to = "0 um^3/min"
half = 0.8

[[cell.macrophage.rule]]
signal = "occupancy of TNFR1"
increases = "apoptosis_rate"
to = "0.02 1/hour"
half = 0.4
hill = 4

[[cell.macrophage.rule]]
signal = "oxygen"
increases = "receptors of TNFR1"
to = 4000
half = "10 mmHg"

[[cell.macrophage.receptor]]
name = "TNFR1"
ligand = "TNF"
number = 2000
turnover = "0.006 1/min"
k_on = "1.1 1/nM/min"
k_off = "0.02 1/min"
k_internalize = "0.03 1/min"
antagonist = [{ ligand = "etanercept", k_i = "5 nM" }, { ligand = "oxygen", k_i = "5 mmHg" }]

[cell.vessel]
radius = "8 um"
shape = "disc"
exchanges = [{ ligand = "TNF", permeability_area = "50 um^3/min" }]

[blood]
volume = "1.5 mL"
ligand.TNF = { elimination = "0.02 1/min", initial = "1 pM" }

[[regimen]]
ligand = "TNF"
into = "blood"
amount = "1 pmol"
every = "1 hour"
doses = 3

[[regimen]]
ligand = "etanercept"
tissue = "primary"
concentration = "20 nM"
start = "10 min"
infusion = "30 min"

[[regimen]]
ligand = "etanercept"
into = "bath"
tissue = "plate"
concentration = "0 nM"
replace = true
start = "1 hour"

[[seed]]
pattern = "random"
cell = "macrophage"
tissue = "primary"
density = "1e5 cells/mm^3"

[[seed]]
pattern = "disc"
cell = "macrophage"
tissue = "plate"
center = ["50 um", "40 um", "5 um"]
radius = "20 um"

[[seed]]
pattern = "file"
tissue = "primary"
file = "cells.csv"

[record]
every = "20 min"
cells = "1 hour"
fields = "1 hour"
signaling = "1 hour"
"""

CELLS = "x,y,z,cell\n10,10,10,macrophage\n150,20,30,macrophage\n"

VALUE = re.compile(r'"[^"\n]*"|(?<![\w."])-?\d+(?:\.\d+)?(?:e-?\d+)?(?![\w"])')
KEY = re.compile(r"[A-Za-z_]+(?=\s*=)|(?<=[\[.])[A-Za-z_]+(?=[\].])")
QUANTITY = re.compile(r'"(\S+) (\S+)"')
MINIMAL = library.path("minimal").read_text(encoding="utf-8")


def _other_values(token):
    """What people write by mistake in the place of a value."""
    yield from (
        '"banana"',
        '""',
        "true",
        "[]",
        "{}",
        "-1",
        "0",
        "1e308",
        "nan",
        "inf",
        "-inf",
        "1e400",
        "99999999999",
    )
    quantity = QUANTITY.fullmatch(token)
    if quantity:
        number, unit = quantity.groups()
        yield from (f'"-{number} {unit}"', f'"0 {unit}"', f'"{number}"', number, f'"{number} parsec"')
        yield from (f'"{number} kg"', f'"{number} um"', f'"{number} min"', f'"{number} nM"', f'"many {unit}"')
        yield from (
            f'"{number}e300 {unit}"',
            f'"{number}e-300 {unit}"',
            f'"{number}e-320 {unit}"',
            f'"nan {unit}"',
        )
    elif not token.startswith('"'):
        yield from (f"-{token}", f'"{token}"', f'"{token} um"', f"{token}.5")
    else:
        yield from (f"{token[:-1]}x{token[-1]}", f'"{token.strip(chr(34)).upper()}"')


def _misspelled(key):
    """A letter lost, doubled, swapped; another case."""
    yield from (key[:-1] or "x", key + key[-1], key[1:2] + key[:1] + key[2:], key.upper())


def _kinds(text):
    """Kind of every line: its table without the names of authors, its keys, and the units of its values."""
    table, kinds = "", []
    for line in text.split("\n"):
        body = line.split("#")[0]
        if body.lstrip().startswith("["):
            parts = body.strip("[] \t").split(".")
            table = ".".join(part for place, part in enumerate(parts) if place != 1)
            kinds.append((table,))
        else:
            units = sorted(QUANTITY.fullmatch(token)[2] for token in VALUE.findall(body) if QUANTITY.fullmatch(token))
            kinds.append((table, *KEY.findall(body), *units))
    return kinds


def _damaged(text, kinds=None):
    """(what was done, text) for every damage to every line, or to one line of each of the kinds that are given."""
    lines, left = text.split("\n"), set(kinds if kinds is not None else _kinds(text))
    depth = 0
    for number, (line, kind) in enumerate(zip(lines, _kinds(text))):
        inside, depth = depth > 0, (depth + line.count('"""')) % 2
        if not line.strip() or inside or line.lstrip().startswith("#") or '"""' in line:
            continue
        if kinds is not None:
            if kind not in left:
                continue
            left.remove(kind)

        def replaced(new, number=number):
            return "\n".join([*lines[:number], *new, *lines[number + 1 :]])

        yield f"line {number + 1} deleted", replaced([])
        yield f"line {number + 1} doubled", replaced([line, line])
        yield f"line {number + 1} cut", replaced([line[: len(line) // 2]])
        body = line.split("#")[0]
        for match in VALUE.finditer(body):
            for other in _other_values(match[0]):
                new = body[: match.start()] + other + body[match.end() :]
                yield f"line {number + 1}: {new.strip()}", replaced([new])
        for match in KEY.finditer(body):
            for other in _misspelled(match[0]):
                new = body[: match.start()] + other + body[match.end() :]
                yield f"line {number + 1}: {new.strip()}", replaced([new])


def _problems_with(error):
    """What a message lacks, list of str."""
    lacking = []
    for fault in error.faults:
        text = str(fault)
        if not re.match(r"broken\.toml:\d+: ", text):
            lacking.append(f"no file and line: {text}")
        elif not fault.path and "not valid TOML" not in text:
            lacking.append(f"no path: {text}")
        if re.search(r"Input should|Extra inputs|Field required|pydantic|Traceback|\bNone\b|<class|\n", text):
            lacking.append(f"not in words for people: {text}")
        if len(fault.message) < 15 or not re.search(r"accepted|; |missing|\bstate\b|not valid TOML", fault.message):
            lacking.append(f"does not say what to do: {text}")
    return lacking


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("scenarios")
    (folder / "cells.csv").write_text(CELLS)
    return folder


def _new_kinds():
    """Text of every scenario, with the kinds of lines that are in none before it."""
    known = set()
    shipped = [(name, library.path(name).read_text(encoding="utf-8")) for name in library.names()]
    # every reading checks every arm: those of one scenario stand for all
    shipped = [(name, text if name == "il1_monocyte" else text.partition("\n[arm.")[0]) for name, text in shipped]
    for name, text in [("many_keys", MANY_KEYS), *shipped]:
        new = [kind for kind in dict.fromkeys(_kinds(text)) if kind not in known]
        known.update(new)
        if new:
            yield pytest.param(text, new, id=name)


TEXTS = list(_new_kinds())


@pytest.mark.parametrize("text, kinds", TEXTS)
def test_damaged_files_are_valid_or_refused_in_words(text, kinds, folder):
    files.parse_text(text, "broken.toml", folder=folder)  # sound before it is damaged
    for damage, broken in _damaged(text, kinds):
        try:
            scenario = files.parse_text(broken, "broken.toml", folder=folder)
        except ScenarioError as error:
            assert not _problems_with(error), damage
        except Exception as error:
            pytest.fail(f"{damage}: {type(error).__name__}: {error}")
        else:
            try:
                assert describe(scenario) and judge(scenario) is not None
                assert files.parse_text(files.to_toml(scenario), folder=folder) == scenario
            except Exception as error:
                pytest.fail(f"{damage}: valid, but {type(error).__name__}: {error}")


def test_damage_is_real_and_not_everything_is_refused():
    valid = []
    for _, broken in _damaged(MINIMAL):
        try:
            files.parse_text(broken, "broken.toml")
            valid.append(True)
        except ScenarioError:
            valid.append(False)
    assert sum(valid) > 20 and len(valid) - sum(valid) > 100


@pytest.mark.slow
@pytest.mark.parametrize("text", [pytest.param(MANY_KEYS, id="many_keys"), pytest.param(MINIMAL, id="minimal")])
def test_what_is_accepted_runs(text, folder):
    from autocrine_abm.simulation.model import TumorModel

    ran = {}
    for damage, broken in _damaged(text):
        try:
            scenario = files.parse_text(broken, "broken.toml", folder=folder)
        except ScenarioError:
            continue
        key = files.to_toml(scenario.model_copy(update={"title": ""}))
        if key not in ran:
            model = TumorModel(scenario, folder=folder)
            model.step()
            ran[key] = damage
            assert model.clock.step == 1, damage
    assert len(ran) > 15


@pytest.mark.parametrize("text", [pytest.param(MANY_KEYS, id="many_keys"), pytest.param(MINIMAL, id="minimal")])
def test_check_exits_with_2_for_each_missing_line_that_matters(text, folder):
    lines = text.split("\n")
    path = folder / "broken.toml"
    codes = set()
    for number in range(len(lines)):
        path.write_text("\n".join(lines[:number] + lines[number + 1 :]), encoding="utf-8")
        result = CliRunner().invoke(main, ["check", str(path)])
        codes.add(result.exit_code)
        assert result.exit_code in (0, 2), result.output
        if result.exit_code == 2:
            assert "broken.toml:" in result.stderr and "Traceback" not in result.output
    assert codes == {0, 2}


def test_all_faults_are_reported_at_once(folder):
    broken = MANY_KEYS
    for right, wrong in (
        ('duration = "2 hour"', 'duration = "2 um"'),
        ("periodic =", "periodc ="),
        ('decay = "0.0154 1/min"', "decay = 0.0154"),
        ('ligand = "TNF", rate', 'ligand = "TFN", rate'),
        ('signal = "pressure"', 'signal = "presure"'),
        ('pattern = "disc"', 'pattern = "disk"'),
        ('every = "20 min"', 'every = "-20 min"'),
    ):
        assert broken.count(right) == 1
        broken = broken.replace(right, wrong)
    with pytest.raises(ScenarioError) as caught:
        files.parse_text(broken, "broken.toml", folder=folder)
    found = {fault.path: fault for fault in caught.value.faults}
    expected = {
        "run.duration": "time", "tissue.primary.periodc": "did you mean 'periodic'",
        "ligand.TNF.decay": "no unit",
        "cell.macrophage.secretes.0.ligand": "did you mean 'TNF'",
        "cell.macrophage.rule.1.signal": "did you mean 'pressure'",
        "seed.1.pattern": "did you mean 'disc'", "record.every": "accepted is above 0",
    }  # fmt: skip
    assert set(expected) <= set(found)
    lines = broken.split("\n")
    for path, words in expected.items():
        assert words in found[path].message
        assert path.rsplit(".", 1)[1] in lines[found[path].line - 1]  # the line says the key
