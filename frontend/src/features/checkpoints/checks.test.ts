import { describe, expect, it } from "vitest";
import { EVALUATED, lacks, verdictOf } from "./checks";

const check = (name: string, passed: boolean) => ({ name, passed, detail: "" });

describe("a line of the gate", () => {
  it("is open while what it asks for can still come", () => {
    expect(verdictOf(check(EVALUATED, false), "published")).toBe("open");
    expect(verdictOf(check("Served as trained", false), "written")).toBe("open");
  });

  it("has failed where a measurement says so", () => {
    expect(verdictOf(check("Served as trained", false), "failed")).toBe("failed");
    expect(verdictOf(check("concise not worse", false), "published")).toBe("failed");
    expect(verdictOf(check("concise not worse", true), "published")).toBe("passed");
  });

  it("is lacking only where it is listed", () => {
    expect(lacks([check(EVALUATED, false)], EVALUATED)).toBe(true);
    expect(lacks([check(EVALUATED, true)], EVALUATED)).toBe(false);
    expect(lacks([], EVALUATED)).toBe(false);
  });
});
