import { describe, expect, it } from "vitest";
import { align, lastStep, mergeSeries } from "@/lib/series";

describe("mergeSeries", () => {
  it("appends what is new and replaces what was asked for again", () => {
    const known = { "loss/total": [[1, 3] as [number, number], [2, 2] as [number, number]] };
    expect(
      mergeSeries(
        known,
        {
          "loss/total": [
            [2, 2.5],
            [3, 1],
          ],
        },
        2,
      ),
    ).toEqual({
      "loss/total": [
        [1, 3],
        [2, 2.5],
        [3, 1],
      ],
    });
  });

  it("drops steps that a resumed run has taken back", () => {
    expect(
      mergeSeries(
        {
          a: [
            [1, 1],
            [2, 2],
            [3, 3],
          ],
        },
        { a: [[2, 9]] },
        2,
      ),
    ).toEqual({
      a: [
        [1, 1],
        [2, 9],
      ],
    });
  });

  it("takes up a curve that was not there before", () => {
    expect(mergeSeries({}, { "probe/x": [[0, 0.5]] }, 0)).toEqual({ "probe/x": [[0, 0.5]] });
  });
});

describe("lastStep", () => {
  it("is 0 without points", () => expect(lastStep({})).toBe(0));
  it("is the furthest step of any curve", () =>
    expect(
      lastStep({
        a: [[1, 0]],
        b: [
          [1, 0],
          [4, 0],
        ],
      }),
    ).toBe(4));
});

describe("align", () => {
  it("puts curves with different steps on one axis", () => {
    expect(
      align([
        [
          [0, 1],
          [2, 3],
        ],
        [
          [1, 5],
          [2, 6],
        ],
      ]),
    ).toEqual({
      steps: [0, 1, 2],
      columns: [
        [1, null, 3],
        [null, 5, 6],
      ],
    });
  });
});
