import { expect, test } from "vitest";
import { numbersOf } from "./numbers";

test("numbers and ranges between commas are read once each", () => {
  expect(numbersOf("3-5, 4, 9")).toEqual([3, 4, 5, 9]);
});

test.each(["", "a", "5-3", "0", "1,,2", "1-20000"])("%j is not a list of numbers", (text) => {
  expect(numbersOf(text)).toBeNull();
});
