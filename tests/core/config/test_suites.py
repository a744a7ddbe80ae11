"""Suite files and imports: every case is examined, every refusal names its line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.config.models import load_models
from core.config.settings import PROJECT
from core.config.suites import find_suite, import_cases, list_suites, load_suite
from core.errors import InvalidFile, InvalidRequest, UnknownName
from core.recipes.recipe import check_contract
from core.records import Box

SHIPPED = PROJECT / "suites"


def _load(folder: Path, text: str) -> object:
    path = folder / "mine.toml"
    path.write_text(f'name = "mine"\n{text}')
    return load_suite(path)


def test_every_shipped_suite_loads_and_has_its_own_digest() -> None:
    suites = {suite.name: suite for suite in list_suites(SHIPPED)}
    assert {"starter", "classic"} <= set(suites)
    assert len({suite.digest for suite in suites.values()}) == len(suites)


@pytest.mark.parametrize("model", ["letterpress", "letterpress-2", "letterpress-turbo"])
@pytest.mark.parametrize("suite", ["starter", "upgrade"])
def test_the_embedded_models_promise_every_case_of_their_suites(model: str, suite: str) -> None:
    spec = load_models(PROJECT / "models.toml")[model]
    for case in find_suite(suite, SHIPPED).cases:
        check_contract(spec, prompt=case.prompt, width=case.width, height=case.height)


def test_the_upgrade_suite_is_what_its_script_writes_and_is_large_enough_to_decide() -> None:
    from training import upgrade_suite

    assert upgrade_suite.FILE.read_text(encoding="utf-8") == upgrade_suite.text()
    cases = load_suite(upgrade_suite.FILE).cases
    assert len(cases) >= 300
    assert len({case.prompt for case in cases}) == len(cases)


def test_the_large_models_promise_every_case_of_the_classic_suite() -> None:
    spec = load_models(PROJECT / "models.toml")["sd35-large-turbo"]
    for case in find_suite("classic", SHIPPED).cases:
        check_contract(spec, prompt=case.prompt, width=case.width, height=case.height)


def test_the_starter_suite_covers_lines_sizes_alpha_and_shapes() -> None:
    cases = find_suite("starter", SHIPPED).cases
    tags = {tag for case in cases for tag in case.tags}
    assert {"two-line", "ladder", "small", "large", "transparent", "shape"} <= tags
    assert {case.expects_alpha for case in cases} == {True, False}
    assert len({(case.width, case.height) for case in cases}) == 3
    for case in cases:
        assert all(line.letter_height_px for line in case.expected_text)
        assert all(f'"{line.text}"' in case.prompt for line in case.expected_text)


def test_the_classic_suite_asks_for_the_banner_of_the_post_mortem() -> None:
    lines = {
        case.name: [line.text for line in case.expected_text] for case in find_suite("classic", SHIPPED).cases
    }
    assert lines["promo-banner-serif"] == ["SALE", "NOW"]
    assert lines["quoted-slogan"] == ['SAY "YES"']


def test_an_unknown_suite_is_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match="did you mean starter"):
        find_suite("startr", SHIPPED)


def test_defaults_hold_for_every_case_and_tags_add_up(tmp_path: Path) -> None:
    suite = _load(
        tmp_path,
        """
        [defaults]
        width = 64
        height = 32
        expects_alpha = true
        tags = ["ours"]
        [[case]]
        prompt = 'poster, exact text: "A"'
        [[case]]
        name = "own"
        prompt = "b"
        width = 128
        expects_alpha = false
        tags = ["extra"]
        expected_text = ["X", { text = "Y", letter_height_px = 14, box = [1, 2, 3, 4] }]
        """,
    )
    first, second = suite.cases
    assert (first.name, first.width, first.height, first.expects_alpha) == ("case-0001", 64, 32, True)
    assert first.tags == ("typography", "poster", "ours")
    assert [line.text for line in first.expected_text] == ["A"]
    assert (second.width, second.expects_alpha, second.tags) == (128, False, ("ours", "extra"))
    assert second.expected_text[1].box == Box(1, 2, 3, 4)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected 1 to 10,000 cases, got 0"),
        ("[[case]]\nprompt = ''", r"mine.toml, line 3, case\[1\].prompt: expected a prompt"),
        ("[[case]]\nprompt = 'x'\nwidht = 8", r"line 4, case\[1\].widht: unknown key; did you mean width"),
        ("[[case]]\nprompt = 'x'\nwidth = 7", r"line 4, case\[1\].width: expected 8 to 16384, got 7"),
        ("[[case]]\nprompt = 'x'\nheight = 30000", "expected 8 to 16384, got 30000"),
        (
            "[[case]]\nname = 'a'\nprompt = 'x'\n[[case]]\nname = 'a'\nprompt = 'y'",
            "line 6.*taken by mine.toml, line 3",
        ),
        ("[[case]]\nprompt = 'exact text: \"A'", "never closed"),
        ("[[case]]\nprompt = 'x'\nexpected_text = [7]", "expected a list of tables"),
        ("[[case]]\nprompt = 'x'\nexpected_text = [{ txt = 'A' }]", "'text' is missing.* did you mean txt"),
        ("[[cases]]\nprompt = 'x'", "line 2, cases: unknown key; did you mean case"),
        ("[[case]\nprompt = 'x'", "line 2"),
    ],
)
def test_a_broken_suite_is_refused_with_line_and_key(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidFile, match=message):
        _load(tmp_path, text)


def test_the_name_inside_is_the_name_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('name = "yours"')
    with pytest.raises(InvalidFile, match="expected 'mine', the name of the file, got 'yours'"):
        load_suite(tmp_path / "mine.toml")


def test_two_thousand_prompts_come_in_at_once_from_either_format() -> None:
    prompts = [f'poster number {n}, exact text: "N {n}"' for n in range(2_000)]
    jsonl = "\n".join(json.dumps({"prompt": prompt}) for prompt in prompts)
    quoted = [prompt.replace('"', '""') for prompt in prompts]
    table = "prompt\n" + "\n".join(f'"{prompt}"' for prompt in quoted)
    one = import_cases(jsonl, "jsonl", name="ours")
    two = import_cases(table, "csv", name="ours")
    assert len(one.cases) == 2_000
    assert one.digest == two.digest


def test_a_csv_row_may_fill_every_column() -> None:
    suite = import_cases(
        "\ufeffname,prompt,negative_prompt,width,height,tags,expected_text,expects_alpha,critical\r\n"
        'a,"two, lines",blur,512,256,x|y,SALE|NOW,yes,false\r\n'
        "b,plain,,,,,,,\r\n",
        "csv",
        name="ours",
        width=64,
        height=64,
    )
    first, second = suite.cases
    assert (first.prompt, first.negative_prompt, first.width, first.height) == (
        "two, lines",
        "blur",
        512,
        256,
    )
    assert [line.text for line in first.expected_text] == ["SALE", "NOW"]
    assert (first.tags, first.expects_alpha, first.critical) == (("x", "y"), True, False)
    assert (second.width, second.expects_alpha, second.expected_text) == (64, None, ())


@pytest.mark.parametrize(
    ("kind", "text", "message"),
    [
        ("csv", "", "expected 1 to 10,000 cases, got 0"),
        ("csv", "text\nhello", "line 2: the key 'prompt' is missing"),
        ("csv", "prompt,width\nhello,abc", "line 2, width: expected a whole number, got 'abc'"),
        ("csv", "prompt,width\nhello,-5", "line 2, width: expected a whole number, got '-5'"),
        ("csv", "prompt\nhello,too,many", "line 2: expected as many fields as the header"),
        ("csv", "name,prompt\na,x\nb,y\na,z", "line 4, name: 'a' is taken by line 2"),
        ("csv", 'prompt\n"never closed', "expected CSV"),
        ("csv", "prompt,critical\nx,maybe", "line 2, critical: expected true or false, got 'maybe'"),
        ("jsonl", '{"prompt": "a"}\n{"prompt": "b"', "line 2: expected a JSON object"),
        ("jsonl", "[1]", "line 1: expected a JSON object"),
        ("jsonl", '{"prompt": "a", "promt": "b"}', "line 1, promt: unknown key; did you mean prompt"),
        ("jsonl", '{"prompt": "a\\u0000"}', r"line 1, prompt: .*U\+0000"),
        (
            "jsonl",
            '{"name": "x", "prompt": "a"}\n\n{"name": "x", "prompt": "b"}',
            "line 3, name: 'x' is taken by line 1",
        ),
    ],
)
def test_an_import_with_one_wrong_line_names_it(kind: str, text: str, message: str) -> None:
    with pytest.raises(InvalidFile, match=message):
        import_cases(text, kind, name="ours")


def test_an_import_needs_a_known_format_and_a_plain_name() -> None:
    with pytest.raises(UnknownName, match="did you mean jsonl"):
        import_cases("", "json", name="ours")
    with pytest.raises(InvalidRequest, match="suite name"):
        import_cases('{"prompt": "x"}', "jsonl", name="../ours")


def test_an_import_without_title_or_size_has_its_name_and_a_megapixel() -> None:
    rows = "prompt,width,height\na sign,,\na banner,512,256\n"
    titled = import_cases(rows, "csv", name="house", title="Our own")
    assert titled.title == "Our own"
    assert import_cases(rows, "csv", name="house").title == "house"
    assert [(case.width, case.height) for case in titled.cases] == [(1024, 1024), (512, 256)]
