import { expect, test } from "vitest";
import { moved } from "./order";

test("a move up or down swaps with the neighbour", () => {
  expect(moved(["a", "b", "c"], 1, -1)).toEqual(["b", "a", "c"]);
  expect(moved(["a", "b", "c"], 1, 1)).toEqual(["a", "c", "b"]);
});

test("a move beyond an end changes nothing", () => {
  expect(moved(["a", "b"], 0, -1)).toEqual(["a", "b"]);
  expect(moved(["a", "b"], 1, 1)).toEqual(["a", "b"]);
});

test("the list that was given stays as it was", () => {
  const given = ["a", "b"];
  expect(moved(given, 0, 1)).toEqual(["b", "a"]);
  expect(given).toEqual(["a", "b"]);
});
