import { describe, expect, it } from "vitest";
import { amount, amountRows, bytes, usageRows } from "./format";

describe("figures", () => {
  it("are short", () => {
    expect(bytes(2_610_000_000)).toBe("2.6 GB");
    expect(bytes(80_000_000)).toBe("80 MB");
    expect(amount(812)).toBe("812");
    expect(amount(12_400)).toBe("12.4k");
    expect(amount(3_100_000)).toBe("3.1M");
  });
});

describe("amountRows", () => {
  it("stands forecast beside actual and keeps what it does not know", () => {
    const rows = amountRows({ steps: 10, seconds: 90 }, { seconds: 70, watts: 5 });
    expect(rows).toEqual([
      { name: "steps", label: "Steps", expected: "10", actual: "–" },
      { name: "seconds", label: "Time", expected: "1 min 30 s", actual: "1 min 10 s" },
      { name: "watts", label: "Watts", expected: "–", actual: "5" },
    ]);
  });
});

describe("usageRows", () => {
  it("gives shares of attempts and redrafts", () => {
    const rows = usageRows({
      stored_attempts: 30,
      live_attempts: 10,
      recorded_redrafts: 6,
      sampled_redrafts: 24,
      edits: 2,
      right_redrafts: 15,
    });
    expect(rows.map((row) => row.share)).toEqual([0.75, 0.25, 0.2, 0.8, null, 0.5]);
  });
  it("stands in one order, whatever order it came in", () => {
    const names = usageRows({ other: 1, right_redrafts: 1, stored_attempts: 1 }).map((row) => row.name);
    expect(names).toEqual(["stored_attempts", "right_redrafts", "other"]);
  });
  it("has no share of nothing and shows unknown keys", () => {
    expect(usageRows({ live_attempts: 0, odd_thing: "x" })).toEqual([
      { name: "live_attempts", label: "Live attempts", value: "0", share: null },
      { name: "odd_thing", label: "Odd thing", value: '"x"', share: null },
    ]);
  });
});
