import { describe, expect, it } from "vitest";
import type { Form } from "@/lib/form";
import { edited, formOf, newQuestion, valuesOf } from "./edited";

const FORM: Form = {
  rating: { points: 3, labels: ["bad", "fair", "good"], required: true },
  tags: ["wrong", "too long"],
  questions: [
    {
      kind: "choice",
      key: "severity",
      label: "How bad?",
      help: "",
      required: true,
      options: ["small", "large"],
      shown_when: null,
    },
    {
      kind: "scale",
      key: "sure",
      label: "How sure?",
      help: "Honestly.",
      required: false,
      points: 4,
      labels: [],
      shown_when: { question: "severity", values: ["large"] },
    },
  ],
};

describe("the editor's form", () => {
  it("comes back as it went in", () => {
    expect(formOf(edited(FORM))).toEqual(FORM);
  });

  it("takes lists apart without blanks and doubles", () => {
    const draft = { ...edited(FORM), tags: "wrong,, too long , wrong", labels: "bad\n\n fair \ngood\n" };
    expect(formOf(draft)).toMatchObject({ tags: ["wrong", "too long"], rating: FORM.rating });
  });
});

it("never gives a new question a key that was used", () => {
  expect(newQuestion("text", new Set(["text_1", "text_2"])).key).toBe("text_3");
});

it("lets questions wait for choices, numbers and yes or no, but not for words", () => {
  const of = (kind: Parameters<typeof newQuestion>[0]) => valuesOf(newQuestion(kind, new Set()));
  expect([of("choice"), of("scale"), of("yes_no"), of("text")]).toEqual([
    ["First", "Second"],
    [1, 2, 3, 4, 5],
    [true, false],
    [],
  ]);
});
