import { expect, it } from "vitest";
import { covers, mayGive } from "./roles";

it("lets nobody give more than they have", () => {
  expect(mayGive("owner")).toEqual(["owner", "admin", "reviewer", "annotator", "viewer"]);
  expect(mayGive("admin")).not.toContain("owner");
  expect(mayGive("viewer")).toEqual(["viewer"]);
});

it("orders roles by their rights", () => {
  expect(covers("admin", "admin")).toBe(true);
  expect(covers("admin", "owner")).toBe(false);
  expect(covers("reviewer", "annotator")).toBe(true);
});
