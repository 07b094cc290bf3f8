from app.domain.paper.call_script import call_script
from app.domain.paper.keying_plan import keying_plan
from app.domain.questionnaires.parsing import parse_definition
from app.store.definitions import read_folder
from tests.support.fieldwork import BASE

DEFINITION = parse_definition(read_folder(BASE))
DEPARTMENTS = [one.code for one in DEFINITION.departments.departments[1:3]]
SCRIPT = call_script(DEFINITION, "sampled", departments=DEPARTMENTS, seed=bytes(32), language="en")
BY_CODE = {field["code"]: field for field in SCRIPT}


def test_everything_that_is_keyed_from_paper_is_asked_and_names_its_department() -> None:
    plan = keying_plan(DEFINITION, "sampled", 2, "en")
    assert [field["code"] for field in SCRIPT] == [field["code"] for field in plan]
    names = [DEFINITION.departments.named(code).name.en for code in DEPARTMENTS]
    assert BY_CODE["grid.1.care"]["department"] == names[0]
    assert BY_CODE["grid.2.speed"]["department"] == names[1]
    assert BY_CODE["sex"]["department"] == ""


def test_an_introduction_is_read_once_where_its_section_begins() -> None:
    read = [code for code, field in BY_CODE.items() if field["introduction"]]
    assert read == ["grid.1.speed"]
    assert BY_CODE["topics"]["hint"] == "Tick at most 2"
    assert BY_CODE["sex"]["hint"] == ""


def test_options_are_read_in_the_order_of_the_sheet_and_keyed_by_their_own_codes() -> None:
    texts = read_folder(BASE)
    asked = "        at_most: 2\n"
    texts["questionnaire.yaml"] = texts["questionnaire.yaml"].replace(
        asked, asked + "        order: random\n"
    )
    shuffled = parse_definition(texts)
    orders = set()
    for seed in range(20):
        script = call_script(
            shuffled, "sampled", departments=DEPARTMENTS, seed=bytes([seed]) * 32, language="en"
        )
        [field] = [one for one in script if one["code"] == "topics"]
        orders.add(tuple(key["mark"] for key in field["keys"]))
        assert {key["mark"]: key["text"] for key in field["keys"]} == {
            "1": "Papers",
            "2": "Taxes",
            "3": "None of these",
        }
    assert {("1", "2", "3"), ("2", "1", "3")} <= orders
