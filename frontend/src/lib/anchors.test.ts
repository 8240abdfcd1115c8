import { describe, expect, it } from "vitest";
// As text, so that the types can be checked where there is no folder of tests.
import golden from "../../../tests/golden/anchors.json?raw";
import { type Anchor, anchor, points, resolve, toUtf16 } from "./anchors";

interface Vectors {
  anchored: { name: string; text: string; start: number; end: number; anchor: Anchor }[];
  resolved: { name: string; text: string; anchor: Anchor; expected: [number, number] | null }[];
}

const vectors = JSON.parse(golden) as Vectors;

const PIECES = [
  ..."ab \n\r",
  "\r\n",
  "e\u0301",
  "no",
  "\u{1f600}",
  "\u{1f469}\u200d\u{1f467}",
  "\u{1f44d}\u{1f3fd}",
  "\u{1f1eb}\u{1f1f7}",
  "\u{1f1e9}",
  "\u0643\u064e",
  "\u05e9\u05c1",
  "\u1112\u1161\u11ab",
  "1\ufe0f\u20e3",
];
const characters = new Intl.Segmenter("en", { granularity: "grapheme" });

describe("anchors by the vectors that the backend reads too", () => {
  it.each(vectors.anchored)(
    "an anchor is what the vector says: $name",
    ({ text, start, end, anchor: made }) => {
      expect(anchor(text, toUtf16(text, start), toUtf16(text, end))).toEqual(made);
    },
  );

  it.each(vectors.resolved)("an anchor is found again: $name", ({ anchor: made, text, expected }) => {
    const place = expected && { from: toUtf16(text, expected[0]), to: toUtf16(text, expected[1]) };
    expect(resolve(made, text)).toEqual(place);
  });
});

describe("anchors of whatever text", () => {
  it.each(Array.from({ length: 300 }, (_, seed) => seed))("hold what was chosen, seed %i", (seed) => {
    const { text, from, to } = chosen(seed);
    const made = anchor(text, from, to);
    expect(resolve(made, text)).toEqual({ from: made.start_utf16, to: made.end_utf16 });
    expect(made.start_utf16).toBeLessThanOrEqual(from);
    expect(made.end_utf16).toBeGreaterThanOrEqual(to);
    expect(text.slice(made.start_utf16, made.end_utf16)).toBe(made.quote);
    expect([...text].slice(made.start, made.end).join("")).toBe(made.quote);
    expect([made.start, made.end].map((offset) => toUtf16(text, offset))).toEqual([
      made.start_utf16,
      made.end_utf16,
    ]);
    const edges = new Set([text.length, ...Array.from(characters.segment(text), ({ index }) => index)]);
    expect(edges).toContain(made.start_utf16);
    expect(edges).toContain(made.end_utf16);
  });

  it.each(Array.from({ length: 100 }, (_, seed) => seed))("survive words put in before, seed %i", (seed) => {
    const { text, from, to } = chosen(seed);
    const made = anchor(text, from, to);
    const changed = `Well then.\n\n${text}`;
    const found = resolve(made, changed);
    if (changed.split(made.quote).length === 2) expect(found?.from).toBe(made.start_utf16 + 12);
    expect(found === null || changed.slice(found.from, found.to) === made.quote).toBe(true);
  });

  it.each([
    [0, 0],
    [2, 1],
    [-1, 2],
    [0, 6],
    [Number.NaN, 2],
  ])("refuse %i to %i of a text of five", (from, to) => {
    expect(() => anchor("Rain.", from, to)).toThrow(RangeError);
  });

  it("count code points, not units", () => {
    expect(points("a\u{1f600}b")).toBe(3);
    expect(toUtf16("a\u{1f600}b", 2)).toBe(3);
  });
});

/** A text of unruly pieces and a stretch of whole code points in it, the same for the same seed. */
function chosen(seed: number) {
  const next = generator(seed);
  const text = Array.from({ length: 1 + (next() % 20) }, () => PIECES[next() % PIECES.length]).join("");
  const count = points(text);
  const start = next() % count;
  const end = start + 1 + (next() % (count - start));
  return { text, from: toUtf16(text, start), to: toUtf16(text, end) };
}

/** Whole numbers below 2^31: xorshift, Marsaglia 2003. */
function generator(seed: number): () => number {
  let state = seed * 2654435761 + 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 1;
  };
}
