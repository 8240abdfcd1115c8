import { expect, it } from "vitest";
import { size } from "./size";

it("says sizes in the largest fitting unit", () => {
  expect([0, 999, 1000, 1_400_000, 5e12].map(size)).toEqual([
    "0 bytes",
    "999 bytes",
    "1.0 kB",
    "1.4 MB",
    "5000.0 GB",
  ]);
});
