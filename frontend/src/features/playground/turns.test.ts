import { describe, expect, it } from "vitest";
import { changed, messagesFor, newTurn, type Turn } from "./turns";

const turn = (id: number, change: Partial<Turn>): Turn => ({ ...newTurn(id, `said ${id}`), ...change });

describe("what a model is told", () => {
  it("is every answered turn and the new message", () => {
    const turns = [turn(1, { state: "done", answer: "one" }), turn(2, { state: "stopped", answer: "tw" })];
    expect(messagesFor(turns, "three").map((message) => message.content)).toEqual([
      "said 1",
      "one",
      "said 2",
      "tw",
      "three",
    ]);
  });

  it("leaves out turns without an answer and failed ones, so that roles alternate", () => {
    const turns = [turn(1, { state: "stopped" }), turn(2, { state: "failed", answer: "half" })];
    expect(messagesFor(turns, "again")).toEqual([{ role: "user", content: "again" }]);
  });
});

it("does not bring back a turn that was cleared while it ran", () => {
  expect(changed([], 1, () => ({ answer: "late" }))).toEqual([]);
});
