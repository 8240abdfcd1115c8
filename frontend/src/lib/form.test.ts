import { describe, expect, it } from "vitest";
import { askedOf, type Form, isEmpty, removedAnswers } from "./form";

const base = { help: "", required: false };
const FORM: Form = {
  rating: { points: 5, labels: [], required: false },
  tags: [],
  questions: [
    { ...base, kind: "choices", key: "kinds", label: "Kinds", options: ["fact", "tone"], shown_when: null },
    {
      ...base,
      kind: "yes_no",
      key: "sure",
      label: "Sure?",
      shown_when: { question: "kinds", values: ["fact"] },
    },
    { ...base, kind: "text", key: "why", label: "Why?", shown_when: { question: "sure", values: [false] } },
  ],
};
const keys = (answers: Parameters<typeof askedOf>[1]) => askedOf(FORM, answers).map(({ key }) => key);

describe("the questions that are asked", () => {
  it("follow from the answers so far", () => {
    expect(keys({})).toEqual(["kinds"]);
    expect(keys({ kinds: ["tone"] })).toEqual(["kinds"]);
    expect(keys({ kinds: ["tone", "fact"] })).toEqual(["kinds", "sure"]);
    expect(keys({ kinds: ["fact"], sure: false })).toEqual(["kinds", "sure", "why"]);
  });

  it("do not hang on a question that is not asked itself", () => {
    expect(keys({ kinds: ["tone"], sure: false })).toEqual(["kinds"]);
  });
});

it("tells answers to questions that are gone", () => {
  expect(removedAnswers(FORM, { old: "said", sure: true, empty: " " })).toEqual([["old", "said"]]);
});

it("takes blanks and no choice for no answer, but not no", () => {
  expect([isEmpty(" "), isEmpty([]), isEmpty(undefined), isEmpty(false), isEmpty(0)]).toEqual([
    true,
    true,
    true,
    false,
    false,
  ]);
});
