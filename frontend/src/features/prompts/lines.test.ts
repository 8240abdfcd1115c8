import { describe, expect, it } from "vitest";
import { ApiError } from "@/lib/api";
import { badLines, countLines, numberWithin, wholeWithin } from "./lines";

describe("countLines", () => {
  it("passes over blank lines", () => expect(countLines('{"a":1}\n\n  \n{"b":2}\n')).toBe(2));
  it("is 0 for nothing", () => expect(countLines("")).toBe(0));
});

describe("badLines", () => {
  it("takes the lines from a refusal", () => {
    const lines = [{ line: 3, reason: "prompt: Field required" }];
    expect(badLines(new ApiError(400, "invalid", "1 of 3 lines", { errors: lines }))).toEqual(lines);
  });
  it("is empty for any other error", () => {
    expect(badLines(new ApiError(403, "forbidden", "no", {}))).toEqual([]);
    expect(badLines(new Error("x"))).toEqual([]);
    expect(badLines(null)).toEqual([]);
  });
});

describe("numberWithin", () => {
  it("keeps to the bounds, ends included", () => {
    expect(numberWithin("0", 0, 2)).toBe(0);
    expect(numberWithin("2", 0, 2)).toBe(2);
    expect(numberWithin("2.1", 0, 2)).toBeNull();
  });
  it("refuses what is not a number", () => {
    expect(numberWithin("", 0, 2)).toBeNull();
    expect(numberWithin("a", 0, 2)).toBeNull();
  });
});

describe("wholeWithin", () => {
  it("refuses fractions", () => {
    expect(wholeWithin("1.5", 1, 9)).toBeNull();
    expect(wholeWithin("4", 1, 9)).toBe(4);
  });
});
