import { expect, it } from "vitest";
import { newestSaves } from "./saves";

it("keeps the newest of saves in a row, and everything else", () => {
  const kinds = ["saved", "saved", "guard", "saved", "resumed", "saved", "saved", "checkpoint"];
  const kept = newestSaves(kinds.map((kind, id) => ({ kind, id })));
  expect(kept.map((event) => event.id)).toEqual([1, 2, 3, 4, 6, 7]);
});
