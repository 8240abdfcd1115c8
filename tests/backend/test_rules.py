"""Rules: one sentence each, in an order, with their history and the critiques they came from; who may do what."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy.orm import Session

from backend import anchors
from backend.database import Sessions, transaction
from backend.domain import critiques, rule_sources, rules
from backend.domain.critiques import Draft
from backend.domain.spans import Span
from backend.errors import ConflictError, InvalidError, NotFoundError
from backend.models import AuthorKind, CritiqueState, JournalEntry, Project, Role, Rule, RuleState, Severity, User
from tests import factories
from tests.backend.api import Api, Caller

RULES = "/api/projects/demo/rules"


class House:
    """A project with a reviewer, and what tests say about it in one line."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.owner = factories.user(session)
        self.project = factories.project(session, self.owner)
        self.people = [factories.member(session, self.project, f"p{number}@example.org") for number in range(3)]

    def rule(self, text: str, *critique_ids: int) -> Rule:
        return rules.create(
            self.session, project_id=self.project.id, user_id=self.owner.id, text=text, critique_ids=critique_ids
        )

    def says(self, text: str, *, person: User | None = None) -> int:
        rollout = factories.attempt(self.session, self.project)
        return factories.submitted(self.session, self.project, rollout, person or self.people[0], text=text).id

    def active(self) -> list[str]:
        return [rule.text for rule in rules.active(self.session, project_id=self.project.id)]

    def recurring(self) -> list[list[int]]:
        found = rule_sources.recurring(self.session, project_id=self.project.id)
        return [group.critique_ids for group in found]

    def journal(self) -> list[str]:
        found = self.session.query(JournalEntry).order_by(JournalEntry.id)
        return [entry.action for entry in found if entry.action.startswith("rule.")]


@pytest.fixture
def house(session: Session) -> House:
    return House(session)


def test_rules_stand_in_the_order_in_which_they_were_written(house: House) -> None:
    for text in ("Use metric units.", "Cite a source.", "Be brief."):
        house.rule(text)
    assert house.active() == ["Use metric units.", "Cite a source.", "Be brief."]


def test_a_rule_is_one_line_however_it_was_typed(house: House) -> None:
    assert house.rule("  Use\n metric   units. ").text == "Use metric units."


@pytest.mark.parametrize("text", ["", " \n\t", "x" * (rules.MAX_TEXT + 1)])
def test_a_rule_that_is_no_sentence_is_refused_with_the_field(house: House, text: str) -> None:
    with pytest.raises(InvalidError) as refused:
        house.rule(text)
    assert refused.value.details == {"field": "text"}
    assert house.active() == []


def test_the_same_rule_is_not_written_twice(house: House) -> None:
    house.rule("Be brief.")
    with pytest.raises(ConflictError, match="says so already"):
        house.rule("be  BRIEF.")
    other = house.rule("Be kind.")
    with pytest.raises(ConflictError, match="says so already"):
        rules.edit(house.session, rule=other, user_id=house.owner.id, text="Be brief.")
    assert house.active() == ["Be brief.", "Be kind."]


def test_an_edit_keeps_what_the_rule_said_who_changed_it_and_its_place(house: House) -> None:
    rule = house.rule("Be brief.")
    house.rule("Be kind.")
    other = factories.member(house.session, house.project, "rita@example.org", Role.reviewer)
    rules.edit(house.session, rule=rule, user_id=house.owner.id, text="Be short.")
    rules.edit(house.session, rule=rule, user_id=other.id, text="Answer in one sentence.")
    assert house.active() == ["Answer in one sentence.", "Be kind."]
    kept = [(edit.text_before, edit.author) for edit in rules.edits(house.session, rule_id=rule.id)]
    assert kept == [("Be short.", "rita"), ("Be brief.", "owner")]


def test_an_edit_that_changes_nothing_leaves_no_trace(house: House) -> None:
    rule = house.rule("Be brief.")
    rules.edit(house.session, rule=rule, user_id=house.owner.id, text=" Be brief. ")
    assert rules.edits(house.session, rule_id=rule.id) == []
    assert house.journal() == ["rule.created"]


def test_a_retired_rule_is_not_followed_and_comes_back_to_its_place(house: House) -> None:
    house.rule("One.")
    rule = house.rule("Two.")
    house.rule("Three.")
    rules.retire(house.session, rule=rule, user_id=house.owner.id)
    assert house.active() == ["One.", "Three."]
    rules.restore(house.session, rule=rule, user_id=house.owner.id)
    assert house.active() == ["One.", "Two.", "Three."]


def test_a_rule_does_not_come_back_beside_its_double(house: House) -> None:
    rule = house.rule("Be brief.")
    rules.retire(house.session, rule=rule, user_id=house.owner.id)
    house.rule("Be brief.")
    with pytest.raises(ConflictError, match="says so already"):
        rules.restore(house.session, rule=rule, user_id=house.owner.id)
    assert rule.state == RuleState.retired


def test_there_is_a_most_of_active_rules_and_retiring_one_makes_room(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "MOST_ACTIVE", 2)
    first = house.rule("One.")
    house.rule("Two.")
    with pytest.raises(ConflictError, match="retire one first"):
        house.rule("Three.")
    rules.retire(house.session, rule=first, user_id=house.owner.id)
    house.rule("Three.")
    assert house.active() == ["Two.", "Three."]


def test_reordering_moves_the_active_rules_and_only_as_a_whole(house: House) -> None:
    made = [house.rule(text) for text in ("One.", "Two.", "Three.")]
    order = [made[2].id, made[0].id, made[1].id]
    rules.reorder(house.session, project_id=house.project.id, user_id=house.owner.id, rule_ids=order)
    assert house.active() == ["Three.", "One.", "Two."]
    for wrong in (order[:2], [*order, order[0]], [*order[:2], 0], []):
        with pytest.raises(ConflictError, match="changed meanwhile"):
            rules.reorder(house.session, project_id=house.project.id, user_id=house.owner.id, rule_ids=wrong)
    assert house.active() == ["Three.", "One.", "Two."]


def test_every_change_is_in_the_journal_and_a_change_that_changes_nothing_is_not(house: House) -> None:
    critique_id = house.says("Too long.")
    rule = house.rule("Be brief.")
    by = {"user_id": house.owner.id}
    for _ in range(2):
        rules.edit(house.session, rule=rule, text="Be short.", **by)
        rules.link(house.session, rule=rule, critique_ids=[critique_id], **by)
    rules.unlink(house.session, rule=rule, critique_id=critique_id, **by)
    for _ in range(2):
        rules.retire(house.session, rule=rule, **by)
    for _ in range(2):
        rules.restore(house.session, rule=rule, **by)
    other = house.rule("Be kind.")
    for _ in range(2):
        rules.reorder(house.session, project_id=house.project.id, rule_ids=[other.id, rule.id], **by)
    assert house.journal() == [
        "rule.created", "rule.edited", "rule.linked", "rule.unlinked", "rule.retired", "rule.restored",
        "rule.created", "rule.reordered",
    ]  # fmt: skip


def test_a_rule_counts_the_critiques_it_came_from_each_once(house: House) -> None:
    first, second = house.says("Too long."), house.says("Far too long.")
    rule = house.rule("Be brief.", first, second, first)
    assert rules.link(house.session, rule=rule, user_id=house.owner.id, critique_ids=[first]) == 0
    row = rules.row(house.session, rule_id=rule.id)
    assert (row.critiques, row.edits, row.edited_at, row.author) == (2, 0, None, "owner")


def test_a_link_holds_the_words_of_its_day_when_the_critique_changes(house: House) -> None:
    critique_id = house.says("Too long.")
    rule = house.rule("Be brief.", critique_id)
    critique = critiques.get(house.session, critique_id)
    critique.draft = Draft(text="Too short.").model_dump()
    newer = critiques.freeze(house.session, critique=critique)
    rules.link(house.session, rule=rule, user_id=house.owner.id, critique_ids=[critique_id])
    sources = rule_sources.of(house.session, rule_id=rule.id, after=0, limit=10)
    assert [source.revision.text for source in sources] == ["Too long."]
    assert sources[0].critique.current_revision_id == newer.id


def test_only_submitted_critiques_of_the_project_are_linked_and_the_others_are_named(house: House) -> None:
    good, drafted = house.says("Too long."), house.says("Too short.")
    critiques.get(house.session, drafted).state = CritiqueState.draft
    elsewhere = factories.project(house.session, house.owner, "elsewhere")
    foreign = factories.submitted(
        house.session, elsewhere, factories.attempt(house.session, elsewhere), house.people[0]
    )
    with pytest.raises(InvalidError) as refused:
        house.rule("Be brief.", good, drafted, foreign.id, 0)
    assert refused.value.details == {"field": "critique_ids", "critiques": [0, drafted, foreign.id]}


def test_unlinking_what_is_not_linked_says_so(house: House) -> None:
    rule = house.rule("Be brief.", house.says("Too long."))
    other = house.says("Too short.")
    with pytest.raises(NotFoundError, match=f"Critique {other} is not linked"):
        rules.unlink(house.session, rule=rule, user_id=house.owner.id, critique_id=other)


def test_critiques_that_say_much_the_same_recur_with_three_different_examples(house: House) -> None:
    long = [
        house.says(text, person=house.people[number % 3])
        for number, text in enumerate(("Too long.", "too long!", "Far too long.", "Much too long.", "Way too long."))
    ]
    house.says("Paris is not in Italy.")
    groups = rule_sources.recurring(house.session, project_id=house.project.id)
    assert [group.critique_ids for group in groups] == [long[::-1]]
    assert groups[0].examples == ["Way too long.", "Much too long.", "Far too long."]


def test_what_is_withdrawn_wordless_or_by_a_verifier_does_not_recur(house: House) -> None:
    for text in ("Too long.", " "):
        rollout = factories.attempt(house.session, house.project)
        critique = factories.submitted(house.session, house.project, rollout, house.people[0], text="x")
        critique.draft = Draft(text=text, edit="Rain.").model_dump()
        critiques.freeze(house.session, critique=critique)
        critique.state = CritiqueState.discarded if text.strip() else CritiqueState.submitted
    for _ in range(2):
        rollout = factories.attempt(house.session, house.project)
        critiques.add_by_code(
            house.session, rollout=rollout, kind=AuthorKind.verifier, name="concise", text="Too long.", rating=0
        )
    house.says("Too long.")
    assert house.recurring() == []
    rollout = factories.attempt(house.session, house.project)
    critiques.add_by_code(house.session, rollout=rollout, kind=AuthorKind.judge, name="j", text="Too long.", rating=0)
    assert [len(group) for group in house.recurring()] == [2]


def test_the_notes_of_spans_recur_as_texts_do_and_the_quotes_do_not(house: House) -> None:
    marked = []
    for note in ("Needs a source.", "needs a source", ""):
        rollout = factories.attempt(house.session, house.project)
        critique = factories.submitted(house.session, house.project, rollout, house.people[0], text="x")
        water = Span(anchor=anchors.anchor(rollout.text, 8, 13), note=note, severity=Severity.minor)
        critique.draft = Draft(edit="Rain.", spans=[water]).model_dump()
        critiques.freeze(house.session, critique=critique)
        marked.append(critique.id)
    assert house.recurring() == [marked[1::-1]]


def test_critiques_with_an_active_rule_do_not_recur_until_it_is_retired(house: House) -> None:
    said = [house.says("Too long.") for _ in range(2)]
    rule = house.rule("Be brief.", *said)
    assert house.recurring() == []
    rules.retire(house.session, rule=rule, user_id=house.owner.id)
    assert house.recurring() == [said[::-1]]


def test_only_the_newest_critiques_are_compared(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    said = [house.says("Too long.") for _ in range(4)]
    monkeypatch.setattr(rule_sources, "NEWEST_CRITIQUES", 3)
    assert house.recurring() == [said[:0:-1]]


def test_a_long_critique_is_clipped_where_it_is_an_example(house: House) -> None:
    for _ in range(2):
        house.says("word " * 200)
    [group] = rule_sources.recurring(house.session, project_id=house.project.id)
    assert [len(text) for text in group.examples] == [rule_sources.EXAMPLE_LENGTH]


def test_of_many_who_write_the_same_rule_at_once_one_succeeds(committed: Sessions) -> None:
    with transaction(committed) as session:
        owner = factories.user(session)
        project = factories.project(session, owner)

    def write_it(_: int) -> bool:
        try:
            with transaction(committed) as session:
                rules.create(session, project_id=project.id, user_id=owner.id, text="Be brief.")
        except ConflictError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(write_it, range(8))) == [False] * 7 + [True]
    with transaction(committed) as session:
        assert [rule.text for rule in rules.active(session, project_id=project.id)] == ["Be brief."]


def say(api: Api, *texts: str) -> list[int]:
    with transaction(api.sessions) as session:
        project = session.query(Project).filter_by(slug="demo").one()
        owner = session.query(User).filter_by(email="owner@example.org").one()
        return [
            factories.submitted(
                session, project, factories.attempt(session, project, f"Question {number}?"), owner, text=text
            ).id
            for number, text in enumerate(texts)
        ]


def write(caller: Caller, text: str = "Be brief.", *critique_ids: int) -> int:
    answer = caller.post(RULES, {"text": text, "critique_ids": list(critique_ids)})
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


def test_from_recurring_critiques_to_a_rule_and_back_over_http(api: Api) -> None:
    owner = api.owner()
    said = say(api, "Too long.", "Far too long.", "Paris is not in Italy.")
    [group] = owner.get(f"{RULES}/recurring").json()
    assert group == {"critique_ids": [said[1], said[0]], "examples": ["Far too long.", "Too long."]}
    number = write(owner, "Be brief.", *group["critique_ids"])
    [listed] = owner.get(RULES).json()
    assert (listed["text"], listed["state"], listed["critiques"], listed["edits"]) == ("Be brief.", "active", 2, 0)
    sources = owner.get(f"/api/rules/{number}/critiques?limit=1").json()
    assert sources["next"] == said[0]
    [source] = owner.get(f"/api/rules/{number}/critiques?limit=1&after={sources['next']}").json()["items"]
    assert (source["critique_id"], source["text"], source["changed_since"]) == (said[1], "Far too long.", False)
    left = owner.call("DELETE", f"/api/rules/{number}/critiques/{said[1]}").json()
    assert left["critiques"] == 1
    assert owner.post(f"/api/rules/{number}/critiques", {"critique_ids": [said[2]]}).json()["critiques"] == 2
    changed = owner.call("PATCH", f"/api/rules/{number}", {"text": "One sentence."}).json()
    assert (changed["edits"], changed["edited_at"] is None) == (1, False)
    assert owner.get(f"/api/rules/{number}/edits").json()[0]["text_before"] == "Be brief."
    assert owner.post(f"/api/rules/{number}/retire").json()["state"] == "retired"
    assert owner.get(RULES).json() == []
    assert [rule["id"] for rule in owner.get(f"{RULES}?state=retired").json()] == [number]
    assert owner.post(f"/api/rules/{number}/restore").json()["state"] == "active"
    actions = [entry["action"] for entry in owner.get("/api/projects/demo/activity").json()]
    assert {"rule.created", "rule.edited", "rule.retired", "rule.restored"} <= set(actions)


def test_rules_are_brought_into_an_order_and_a_stale_order_is_refused(api: Api) -> None:
    owner = api.owner()
    first, second = write(owner, "One."), write(owner, "Two.")
    ordered = owner.put(f"{RULES}/order", {"rule_ids": [second, first]})
    assert [rule["text"] for rule in ordered.json()] == ["Two.", "One."]
    stale = owner.put(f"{RULES}/order", {"rule_ids": [first]})
    assert (stale.status_code, stale.json()["code"]) == (409, "conflict")
    assert stale.json()["details"]["active"] == [second, first]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "text"),
        ({"text": None}, "text"),
        ({"text": 7}, "text"),
        ({"text": "  "}, "text"),
        ({"text": "x" * 301}, "text"),
        ({"text": "Be brief.", "critique_ids": "all"}, "critique_ids"),
        ({"text": "Be brief.", "critique_ids": ["x"]}, "critique_ids.0"),
        ({"text": "Be brief.", "critique_ids": [1.5]}, "critique_ids.0"),
        ({"text": "Be brief.", "critique_ids": [1] * 2001}, "critique_ids"),
        ({"text": "Be brief.", "position": 1}, "position"),
    ],
)
def test_a_malformed_new_rule_names_its_field_and_is_not_kept(api: Api, body: object, field: str) -> None:
    owner = api.owner()
    refused = owner.post(RULES, body)
    assert refused.status_code == 422
    assert [problem["field"] for problem in refused.json()["details"]["fields"]] == [field]
    assert owner.get(RULES).json() == []


@pytest.mark.parametrize(
    ("method", "path", "body", "field"),
    [
        ("PATCH", "", {"text": ""}, "text"),
        ("PATCH", "", {"text": "x" * 301}, "text"),
        ("PATCH", "", {"text": "Be kind.", "state": "retired"}, "state"),
        ("POST", "/critiques", {"critique_ids": []}, "critique_ids"),
        ("POST", "/critiques", {"critique_ids": None}, "critique_ids"),
        ("POST", "/critiques", {}, "critique_ids"),
        ("GET", "/critiques?limit=0", None, "limit"),
        ("GET", "/critiques?after=-1", None, "after"),
    ],
)
def test_a_malformed_change_names_its_field(api: Api, method: str, path: str, body: object, field: str) -> None:
    owner = api.owner()
    refused = owner.call(method, f"/api/rules/{write(owner)}{path}", body)
    assert refused.status_code == 422
    assert [problem["field"] for problem in refused.json()["details"]["fields"]] == [field]


@pytest.mark.parametrize("order", [None, "1,2", ["x"], list(range(101))])
def test_a_malformed_order_names_its_field(api: Api, order: object) -> None:
    refused = api.owner().put(f"{RULES}/order", {"rule_ids": order})
    assert refused.status_code == 422
    assert refused.json()["details"]["fields"][0]["field"].startswith("rule_ids")


def test_numbers_and_texts_that_no_database_holds_are_refused_not_a_crash(api: Api) -> None:
    owner = api.owner()
    assert owner.post(RULES, {"text": "NUL \x00"}).json()["code"] == "invalid"
    assert owner.post(RULES, {"text": "Be brief.", "critique_ids": [2**70]}).json()["code"] == "invalid"
    assert owner.get(f"/api/rules/{2**70}/edits").json()["code"] == "invalid"
    assert owner.get(f"{RULES}?state=gone").status_code == 422
    assert owner.get(RULES).json() == []


def test_an_unknown_critique_is_named_and_no_rule_is_kept(api: Api) -> None:
    owner = api.owner()
    refused = owner.post(RULES, {"text": "Be brief.", "critique_ids": [77]})
    assert (refused.status_code, refused.json()["details"]["critiques"]) == (400, [77])
    assert owner.get(RULES).json() == []


READING = [("GET", RULES), ("GET", "/api/rules/{rule}/edits")]
REVIEWING = [
    ("GET", f"{RULES}/recurring"),
    ("POST", RULES),
    ("PUT", f"{RULES}/order"),
    ("PATCH", "/api/rules/{rule}"),
    ("POST", "/api/rules/{rule}/retire"),
    ("POST", "/api/rules/{rule}/restore"),
    ("GET", "/api/rules/{rule}/critiques"),
    ("POST", "/api/rules/{rule}/critiques"),
    ("DELETE", "/api/rules/{rule}/critiques/{critique}"),
]


def bodies(rule: int, critique: int) -> dict[str, object]:
    return {
        f"POST {RULES}": {"text": "Be kind."},
        f"PUT {RULES}/order": {"rule_ids": [rule]},
        "PATCH /api/rules/{rule}": {"text": "Be short."},
        "POST /api/rules/{rule}/critiques": {"critique_ids": [critique]},
    }


def answers(caller: Caller, routes: list[tuple[str, str]], rule: int, critique: int) -> list[int]:
    known = bodies(rule, critique)
    return [
        caller.call(method, path.format(rule=rule, critique=critique), known.get(f"{method} {path}", {})).status_code
        for method, path in routes
    ]


@pytest.mark.parametrize("role", [Role.viewer, Role.annotator])
def test_members_read_rules_but_neither_change_them_nor_read_others_critiques(api: Api, role: Role) -> None:
    [critique] = say(api, "Too long.")
    rule = write(api.owner(), "Be brief.", critique)
    member = api.member("mia", role)
    assert answers(member, READING, rule, critique) == [200, 200]
    assert answers(member, REVIEWING, rule, critique) == [403] * len(REVIEWING)
    assert [found["text"] for found in member.get(RULES).json()] == ["Be brief."]


def test_a_reviewer_may_do_everything_with_rules(api: Api) -> None:
    [critique] = say(api, "Too long.")
    rule = write(api.owner(), "Be brief.", critique)
    reviewer = api.member("rita", Role.reviewer)
    order = [route for route in REVIEWING if route != ("POST", RULES)]
    assert answers(reviewer, [*READING, *order], rule, critique) == [200] * 10
    write(reviewer, "Be kind.")


def test_another_projects_rules_do_not_exist_for_me(api: Api) -> None:
    [critique] = say(api, "Too long.")
    rule = write(api.owner(), "Be brief.", critique)
    with transaction(api.sessions) as session:
        stranger = factories.user(session, "stranger@example.org")
        factories.project(session, stranger, "secret")
    caller = api.login("stranger@example.org")
    assert answers(caller, [*READING, *REVIEWING], rule, critique) == [404] * 11
    taken = caller.post("/api/projects/secret/rules", {"text": "Be kind.", "critique_ids": [critique]})
    assert taken.status_code == 400
    own = caller.post("/api/projects/secret/rules", {"text": "Be kind."}).json()["id"]
    assert caller.put("/api/projects/secret/rules/order", {"rule_ids": [own, rule]}).status_code == 409
    assert [found["text"] for found in api.owner().get(RULES).json()] == ["Be brief."]


def test_a_complaint_made_again_stands_where_it_was_last_made(api: Api) -> None:
    said = say(api, "Too long.", "Cold.", "too long")
    with transaction(api.sessions) as session:
        project = session.query(Project).filter_by(slug="demo").one()
        found = rule_sources.texts(session, project_id=project.id, critique_ids=said)
    assert found == ["Cold.", "too long"]
