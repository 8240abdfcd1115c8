import { describe, expect, it } from "vitest";
import { filterFor, readDataFilter, readDataSearch } from "./data-filter";

describe("the filter of an address", () => {
  it("keeps what the fields may hold", () => {
    const search = {
      list: "critiques",
      words: "too long",
      rating_to: "0.5",
      has_span: "true",
      split: "eval",
    };
    expect(readDataSearch(search)).toEqual({
      list: "critiques",
      words: "too long",
      rating_to: 0.5,
      has_span: true,
      split: "eval",
    });
  });

  it("is read without the list on a page that has one", () => {
    expect(readDataFilter({ list: "prompts", review: "accepted" })).toEqual({ review: "accepted" });
  });

  it("leaves out what is unknown or wrong", () => {
    const search = { list: "users", password: "x", split: "all", rating_to: "high", words: "", severity: 3 };
    expect(readDataSearch(search)).toEqual({});
  });

  it("asks of prompts only what prompts have", () => {
    const filter = { words: "rain", rating_to: 0.5, author_kind: "judge" as const, split: "eval" as const };
    expect(filterFor("prompts", filter)).toEqual({ words: "rain", split: "eval" });
    expect(filterFor("rollouts", filter)).toEqual(filter);
  });
});
