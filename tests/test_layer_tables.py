"""The tables of imagery and land cover in a plan, and how green is told there."""

import pytest

from jxgis.errors import JxgisError
from jxgis.plan import GreenSettings, all_errors, read_plan
from jxgis.spec import LEGENDS, QUALITIES

BANDS = 'red = "r.tif"\nnir = "n.tif"'


@pytest.fixture
def read(tmp_path):
    def write_and_read(text):
        file = tmp_path / "plan.toml"
        file.write_text(text, encoding="utf-8")
        return read_plan(file)

    return write_and_read


@pytest.fixture
def layer(read):
    def the_only_one(text, name="imagery"):
        return read(f"[layers.{name}]\n{text}").layers[name]

    return the_only_one


def faults(read, text):
    with pytest.raises(JxgisError) as caught:
        read(text)
    return [str(error) for error in all_errors(caught.value)]


def test_bands_are_files_or_lists_of_tiles(layer, tmp_path):
    one = layer('red = "a.tif:3"\nnir = "a.tif:4"\nquality = "q.tif"')
    assert one.bands == {"red": ("a.tif:3",), "nir": ("a.tif:4",), "quality": ("q.tif",)}
    assert one.path is None
    assert one.base == tmp_path
    tiles = layer('red = ["a.tif", "b.tif"]\nnir = ["c.tif", "d.tif"]')
    assert tiles.bands == {"red": ("a.tif", "b.tif"), "nir": ("c.tif", "d.tif")}
    assert tiles.source == "a.tif, b.tif, c.tif, d.tif"
    # One file may hold both, and a layer of imagery may have any name.
    earlier = layer(BANDS + '\nkind = "imagery_before"', "summer")
    assert (earlier.kind, earlier.bands.keys()) == ("imagery_before", {"red", "nir"})
    assert layer('path = "scene.SAFE"').bands == {}


def test_what_the_metadata_do_not_say(layer):
    said = layer(
        BANDS
        + '\nquality_as = "bqa"\nbaseline = "05.09"\nscale = 2.75e-5\noffset = -0.2\n'
        + "as_of = 2019-08-03"
    )
    assert (said.quality_as, said.baseline) == ("bqa", "05.09")
    assert (said.scale, said.offset) == (2.75e-5, -0.2)
    silent = layer(BANDS)
    nothing = (silent.quality_as, silent.baseline, silent.scale, silent.offset, silent.legend)
    assert nothing == (None,) * 5
    assert silent.codes == {}


def test_codes_are_one_number_or_several(layer):
    text = 'path = "l.tif"\ncodes = { tree = [1, 2], water = 9, bare = [-1] }'
    codes = layer(text, "landcover").codes
    assert codes == {"tree": (1, 2), "water": (9,), "bare": (-1,)}


@pytest.mark.parametrize("name", LEGENDS)
def test_each_legend_is_known(layer, name):
    assert layer(f'path = "l.tif"\nlegend = "{name}"', "landcover").legend == name


@pytest.mark.parametrize("name", QUALITIES)
def test_each_quality_is_known(layer, name):
    assert layer(f'{BANDS}\nquality_as = "{name}"').quality_as == name


@pytest.mark.parametrize(
    ("name", "text", "problem", "mend"),
    [
        ("imagery", 'red = "r.tif"', "by red and nir, both", "Add the other one"),
        ("imagery", 'nir = "r.tif"', "by red and nir, both", "Add the other one"),
        ("imagery", 'quality = "q.tif"', "by red and nir, both", "Add the other one"),
        ("imagery", "", "0 sources are given", "red + nir"),
        ("imagery", 'path = "scene"\n' + BANDS, "2 sources are given", "exactly one of"),
        ("imagery", 'red = "a.tif"\nnir = "a.tif"', "a.tif is both red and near", "FILE:BAND"),
        ("imagery", 'red = ["a", "b"]\nnir = ["c", "b"]', "b is both red and near", "FILE:BAND"),
        ("imagery", 'red = 3\nnir = "n.tif"', "red must be", ""),
        ("imagery", BANDS + "\nscale = 0", "scale must be a number above zero", ""),
        ("imagery", BANDS + '\noffset = "x"', "offset must be a number", ""),
        ("imagery", BANDS + "\nbaseline = 5.09", "baseline must be", ""),
        ("imagery", BANDS + '\nquality_as = "clouds"', "quality_as is clouds", "scl, qa_pixel"),
        ("imagery", BANDS + '\nblue = "b.tif"', "blue", ""),
        ("landcover", BANDS, "a layer of kind landcover has no bands", "Give path ="),
        ("zones", BANDS, "a layer of kind zones has no bands", "Give path ="),
        ("landcover", 'path = "l"\nlegend = "corine"', "legend is corine", "worldcover, dynamic"),
        ("landcover", 'path = "l"\ncodes = { lawn = 1 }', "lawn is no class of land", "tree"),
        ("landcover", 'path = "l"\ncodes = { tree = 1.5 }', "codes of tree are not whole", ""),
        ("landcover", 'path = "l"\ncodes = { tree = "1" }', "codes of tree are not whole", ""),
        ("landcover", 'path = "l"\ncodes = { tree = true }', "codes of tree are not whole", ""),
        ("landcover", 'path = "l"\ncodes = { tree = [1, []] }', "codes of tree are not whole", ""),
        ("landcover", 'path = "l"\ncodes = 7', "is not a table", ""),
        ("summer", BANDS, "summer is no kind of layer", "imagery_before"),
    ],
)
def test_a_table_that_does_not_fit(read, name, text, problem, mend):
    said = faults(read, f"[layers.{name}]\n{text}")
    assert any(problem in error and mend in error for error in said)
    assert all("plan.toml" in error and f"layers.{name}" in error for error in said)


def test_all_faults_of_a_table_are_told_at_once(read):
    text = '[layers.imagery]\nred = "r.tif"\nscale = -1\nquality_as = "clouds"\n'
    said = faults(read, text + '[green]\nby = "colour"\n[rules]\n"green.ndvi" = 0.4')
    words = ("both", "scale", "quality_as", "by is colour", "green.ndvi")
    assert [word for word in words if any(word in error for error in said)] == list(words)


def test_how_green_is_told(read):
    text = f"[layers.imagery]\n{BANDS}\n[green]\n"
    assert read(text).green == GreenSettings()
    given = read(
        text
        + 'by = "landcover"\ncomposite = "max"\nclasses = ["tree", "crop"]\n'
        + 'park_classes = ["公园"]\ngreen_land_classes = ["g1"]\nwetland_classes = ["w"]'
    ).green
    assert given == GreenSettings("landcover", "max", ("tree", "crop"), ("公园",), ("g1",), ("w",))


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('by = "colour"', "by is colour. It must be one of: ndvi, fraction, landcover"),
        ('composite = "mean"', "composite is mean. It must be one of: median, max"),
        ('classes = ["lawn"]', "lawn is no class of land. Known are: tree, shrub"),
        ('classes = "tree"', "classes must be a list"),
        ("threshold = 0.4", "threshold"),
    ],
)
def test_a_green_table_that_does_not_fit(read, line, problem):
    (said,) = faults(read, f"[layers.imagery]\n{BANDS}\n[green]\n{line}")
    assert problem in said
    assert "plan.toml" in said
