import { describe, expect, it } from "vitest";
import { sampleSchema, sampleValues } from "./sample-schema";
import { allLeaves, getAt, humanise, leavesOf, prune, readSchema, setAt } from "./schema";
import { bounds, localProblems, placeProblems, problemOf, readNumber } from "./values";

const form = readSchema(sampleSchema);
const control = (path: string) => {
  const leaf = allLeaves(form, sampleValues()).find((each) => each.path === path);
  if (!leaf) throw new Error(path);
  return leaf.control;
};

describe("readSchema", () => {
  it("finds groups and what stands in none", () => {
    expect(form.groups.map((group) => group.path)).toEqual(["method", "optimiser"]);
    expect(form.leaves.map((leaf) => leaf.path)).toEqual(["seed"]);
  });

  it("lets a description beside a reference win over the one behind it", () => {
    expect(form.groups[1]).toMatchObject({ title: "Optimiser", description: "How it is trained." });
  });

  it("offers the fields of the variant that is chosen, without its tag", () => {
    const [method] = form.groups;
    if (!method) throw new Error("no method");
    expect(leavesOf(method, sampleValues()).map((leaf) => leaf.path)).toEqual(["method.floor"]);
    expect(leavesOf(method, { method: { name: "other" } })).toEqual([]);
  });

  it("knows every kind of control", () => {
    expect(control("method.floor")).toMatchObject({
      kind: "number",
      nullable: true,
      below: 0,
      minimum: -100,
    });
    expect(control("optimiser.steps")).toMatchObject({
      kind: "number",
      whole: true,
      minimum: 1,
      maximum: 100,
    });
    expect(control("optimiser.on")).toEqual({ kind: "switch" });
    expect(control("optimiser.schedule")).toEqual({
      kind: "choice",
      options: ["constant", "linear"],
      nullable: false,
    });
    expect(control("optimiser.verifier")).toEqual({ kind: "choice", options: ["concise"], nullable: true });
    expect(control("optimiser.authors")).toEqual({ kind: "many", options: ["a", "b"], fewest: 1 });
  });
});

describe("paths", () => {
  it("sets without changing what was there", () => {
    const before = sampleValues();
    const after = setAt(before, "optimiser.steps", 20);
    expect(getAt(after, "optimiser.steps")).toBe(20);
    expect(getAt(after, "optimiser.rate")).toBe(0.1);
    expect(before.optimiser.steps).toBe(10);
  });
  it("is undefined where nothing stands", () => expect(getAt({}, "a.b.c")).toBeUndefined());
  it("makes what is missing", () => expect(setAt({}, "a.b", 1)).toEqual({ a: { b: 1 } }));
});

describe("prune", () => {
  it("keeps the tag and what differs from the defaults", () => {
    expect(prune(form, sampleValues())).toEqual({ method: { name: "plain" } });
    const changed = setAt(setAt(sampleValues(), "method.floor", null), "optimiser.steps", 3);
    expect(prune(form, changed)).toEqual({ method: { name: "plain", floor: null }, optimiser: { steps: 3 } });
  });
});

describe("numbers", () => {
  it("reads what was typed and keeps what is none", () => {
    expect(readNumber("2e-4", false)).toBe(0.0002);
    expect(readNumber("0.", false)).toBe(0);
    expect(readNumber("abc", false)).toBe("abc");
    expect(readNumber(" ", true)).toBeNull();
    expect(readNumber(" ", false)).toBe("");
  });

  it("says its bounds", () => {
    expect(bounds({ kind: "number", whole: true, nullable: false, minimum: 1, maximum: 9 })).toBe("1 to 9");
    expect(bounds({ kind: "number", whole: false, nullable: false, above: 0, maximum: 1 })).toBe(
      "above 0, at most 1",
    );
    expect(bounds({ kind: "number", whole: false, nullable: false })).toBe("");
  });

  it("says what it wants", () => {
    expect(problemOf(control("optimiser.steps"), 1.5)).toBe("A whole number (1 to 100).");
    expect(problemOf(control("optimiser.steps"), 100)).toBeNull();
    expect(problemOf(control("optimiser.rate"), 0)).toBe("A number (above 0, at most 1).");
    expect(problemOf(control("method.floor"), null)).toBeNull();
    expect(problemOf(control("method.floor"), 0)).toBe("A number (at least -100, below 0), or empty.");
    expect(problemOf(control("optimiser.authors"), [])).toBe("Choose at least 1.");
  });

  it("collects problems by path", () => {
    expect(localProblems(form, sampleValues())).toEqual({});
    expect(localProblems(form, setAt(sampleValues(), "optimiser.steps", "x"))).toEqual({
      "optimiser.steps": "A whole number (1 to 100).",
    });
  });
});

describe("placeProblems", () => {
  it("puts the server's words to the fields, variants included", () => {
    const found = placeProblems(form, sampleValues(), [
      { field: "recipe.optimiser.steps", problem: "Input should be less than 101" },
      { field: "recipe.method.plain.floor.constrained-float", problem: "Input should be less than 0" },
      { field: "recipe.optimiser.authors.0", problem: "Input should be 'a' or 'b'" },
      { field: "recipe", problem: "Value error, Live attempts have no recorded redraft." },
    ]);
    expect(found.fields).toEqual({
      "optimiser.steps": "Input should be less than 101",
      "method.floor": "Input should be less than 0",
      "optimiser.authors": "Input should be 'a' or 'b'",
    });
    expect(found.general).toEqual(["Live attempts have no recorded redraft."]);
  });
  it("puts what is about several fields to those it names", () => {
    const problem = "Value error, Live needs a verifier; set optimiser.verifier. A second thing is wrong.";
    const found = placeProblems(form, sampleValues(), [{ field: "recipe", problem }]);
    expect(found.general).toEqual([
      "Live needs a verifier; set optimiser.verifier.",
      "A second thing is wrong.",
    ]);
    expect(found.fields).toEqual({ "optimiser.verifier": "Live needs a verifier; set optimiser.verifier." });
  });
  it("is empty without details", () => {
    expect(placeProblems(form, sampleValues(), undefined)).toEqual({ fields: {}, general: [] });
  });
});

describe("humanise", () => {
  it("makes words of a name", () => expect(humanise("first_turn_mean")).toBe("First turn mean"));
});
