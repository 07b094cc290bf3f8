"""Text of a definition → data with lines, or faults: YAML's surprises are refused or tamed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.questionnaires.parsing import PARTS, REQUIRED, parse_definition
from app.domain.questionnaires.yaml_text import YamlFault, read_yaml
from app.errors.definitions import InvalidDefinition
from tests.questionnaires.corpus import BASE, faults_of


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("yes", "yes"),
        ("true", True),
        ("~", None),
        ("3", 3),
        ("3.5", 3.5),
        ("2010-12-01", "2010-12-01"),
        ("12:30", "12:30"),
        ("0o14", "0o14"),
        ("满意?", "满意?"),
        (">-\n  one\n  two", "one two"),
    ],
)
def test_scalars_mean_what_they_look_like(text: str, value: object) -> None:
    read = read_yaml(f"a: {text}").data["a"]
    assert (read, type(read)) == (value, type(value))


def test_every_value_has_its_line() -> None:
    document = read_yaml("# words\na: 1\nb:\n  - c: 2\n    d: 3\n  - 4\n")
    assert document.lines[("b", 0, "d")] == 5
    assert document.lines[("b", 1)] == 6
    assert document.line_of(("b", 0, "missing", "below")) == 4


@pytest.mark.parametrize(
    ("text", "line", "code"),
    [
        ("a: [1", 1, "yaml-syntax"),
        ("a: 1\n--- \nb: 2", 2, "yaml-syntax"),
        ("a: *b", 1, "yaml-syntax"),
        ("a: \x07", 1, "yaml-syntax"),
        ("[" * 1000, 1, "yaml-depth"),
    ],
)
def test_text_that_is_not_yaml(text: str, line: int, code: str) -> None:
    with pytest.raises(YamlFault) as caught:
        read_yaml(text)
    assert (caught.value.line, caught.value.code) == (line, code)


@pytest.mark.parametrize(
    "text",
    ["a: *Secret", "a: &Secret 1\nb: &Secret 2", "a: !Secret!x 1", "%Secret x", "a: [Secret\nb:"],
)
def test_what_the_parser_says_does_not_repeat_the_text(text: str) -> None:
    try:
        said = [message for _, _, _, message in read_yaml(text).faults]
    except YamlFault as fault:
        said = [fault.message]
    assert not any("secret" in message.lower() for message in said)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a: &x 1", "yaml-alias"),
        ("a: &x [*x]", "yaml-alias"),
        ("a: {b: 1}\n<<: {c: 2}", "yaml-key"),
        ("[1, 2]: 3", "yaml-key"),
        ("a: !!set {b}", "yaml-tag"),
        ("a: !own 1", "yaml-tag"),
        ("a: 1\na: 2", "duplicate-key"),
    ],
)
def test_what_yaml_can_do_and_a_definition_may_not(text: str, code: str) -> None:
    assert [fault[2] for fault in read_yaml(text).faults] == [code]


@pytest.mark.parametrize(("depth", "codes"), [(40, []), (41, ["yaml-depth"])])
def test_depth_ends_before_the_machine_does(depth: int, codes: list[str]) -> None:
    document = read_yaml("{a: " * depth + "1" + "}" * depth)
    assert [fault[2] for fault in document.faults] == codes


def test_every_use_of_an_anchor_is_refused() -> None:
    faults = read_yaml("a: &x 1\nb: *x\nc: &x 2\n").faults
    assert [(line, code) for line, _, code, _ in faults] == [
        (1, "yaml-alias"),
        (2, "yaml-alias"),
        (3, "yaml-alias"),
    ]


def test_nested_aliases_stay_small() -> None:
    bomb = "a: &a [1]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(15)
    )
    assert len(read_yaml(bomb).lines) < 1000


def test_an_empty_folder_names_every_missing_file() -> None:
    assert [(fault.file, fault.code) for fault in faults_of({})] == [
        (f"{part}.yaml", "missing-file") for part in sorted(REQUIRED)
    ]


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("text", ["", "just words", "- a\n- b", "3"])
def test_a_file_that_is_no_mapping(part: str, text: str) -> None:
    assert "invalid-value" in {fault.code for fault in faults_of(BASE | {f"{part}.yaml": text})}


def test_only_yaml_files_with_known_names() -> None:
    files = BASE | {"survey.yml": "", "survey": "", "notes.yaml": ""}
    assert [(fault.file, fault.code) for fault in faults_of(files)] == [
        ("notes.yaml", "unknown-file"),
        ("survey", "unknown-file"),
        ("survey.yml", "unknown-file"),
    ]


def test_sample_index_and_scheme_may_be_absent() -> None:
    definition = parse_definition({f"{part}.yaml": BASE[f"{part}.yaml"] for part in REQUIRED})
    assert (definition.index, definition.scheme, definition.sample.strata) == (None, None, [])


_LINES = {file: text.splitlines(keepends=True) for file, text in BASE.items()}
_SNIPPETS = ["", "- ", "  ", "{", "]", ":", "~", "-1", "1e999", "&a", "*a", "!x", "\t", '"\\ud800"']


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(sorted(BASE)), st.integers(0, 200), st.sampled_from(_SNIPPETS), st.integers(0)
)
def test_whatever_is_written_is_accepted_or_refused(
    file: str, line: int, snippet: str, at: int
) -> None:
    lines = list(_LINES[file])
    line %= len(lines)
    at %= len(lines[line])
    lines[line] = lines[line][:at] + snippet + lines[line][at + (at % 5) :]
    try:
        parse_definition(BASE | {file: "".join(lines)})
    except InvalidDefinition as error:
        for fault in error.faults:
            total = len("".join(lines).splitlines()) if fault.file == file else 1000
            assert 0 <= fault.line <= total + 1
            assert fault.message
            assert fault.code
