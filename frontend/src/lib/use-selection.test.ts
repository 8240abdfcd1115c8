import { describe, expect, it } from "vitest";
import { toggled } from "./use-selection";

const IDS = [50, 40, 30, 20, 10];

describe("selecting rows", () => {
  it("takes a row in and out again", () => {
    const one = toggled(new Set(), IDS, 1, null);
    expect([...one]).toEqual([40]);
    expect([...toggled(one, IDS, 1, null)]).toEqual([]);
  });

  it("takes everything between two places, whichever comes first", () => {
    expect([...toggled(new Set(), IDS, 3, 1)]).toEqual([40, 30, 20]);
    expect([...toggled(new Set([10]), IDS, 0, 1)]).toEqual([10, 50, 40]);
  });

  it("leaves out places that are not there", () => {
    expect([...toggled(new Set([10]), IDS, 9, null)]).toEqual([10]);
  });
});
