import { expect, test } from "vitest";
import { depth, shown, strongest } from "./signal";

const token = (text: string, gain: number) => ({
  text,
  gain,
  logprob: -1,
  logprob_under_critique: -1 + gain,
});

test("a token is shown the stronger the more the critique says of it, either way", () => {
  expect([0.1, 0.25, -1, 3, -9].map(depth)).toEqual([0, 1, 2, 3, 3]);
});

test("the strongest come first, and tokens the critique says nothing of never", () => {
  const tokens = [token("a", 0.1), token("b", -3), token("c", 1), token("d", 2)];
  expect(strongest(tokens).map(({ text }) => text)).toEqual(["b", "d", "c"]);
});

test("the end of an answer is shown as a mark and not as the model's own word for it", () => {
  expect([shown("<|im_end|>"), shown(" <b>")]).toEqual([" \u25a0", " <b>"]);
});
