import { act, useState } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sampleSchema, sampleValues } from "./sample-schema";
import { readSchema, type Values } from "./schema";
import { SchemaForm } from "./schema-form";

(globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;

const form = readSchema(sampleSchema);
let root: Root;
let page: HTMLElement;
let now: Values;

function Held({ problems = {} }: { problems?: Record<string, string> }) {
  const [values, setValues] = useState<Values>(sampleValues);
  now = values;
  return (
    <SchemaForm
      form={form}
      values={values}
      before={sampleValues()}
      problems={problems}
      important={["optimiser.steps", "optimiser.authors", "not.there"]}
      onChange={setValues}
    />
  );
}

const draw = (problems?: Record<string, string>) =>
  act(() => root.render(<Held problems={problems ?? {}} />));

/** The control that a label or a wrapping label names. */
function control(label: string): HTMLInputElement {
  const found = [...page.querySelectorAll("label")].find((each) => each.textContent?.trim() === label);
  const id = found?.getAttribute("for");
  const input = id ? page.querySelector(`[id="${id}"]`) : found?.querySelector("input");
  if (!input) throw new Error(`no control ${label}`);
  return input as HTMLInputElement;
}

function type(input: HTMLInputElement, text: string) {
  const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value")?.set;
  act(() => {
    set?.call(input, text);
    input.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

beforeEach(() => {
  page = document.createElement("div");
  document.body.append(page);
  root = createRoot(page);
});

afterEach(() => {
  act(() => root.unmount());
  page.remove();
});

describe("SchemaForm", () => {
  it("shows the important fields and folds the others by group", () => {
    draw();
    const folds = [...page.querySelectorAll("details")];
    expect(folds.map((fold) => fold.querySelector("summary")?.textContent)).toEqual([
      "Method",
      "Optimiser",
      "Other",
    ]);
    expect(control("Steps").closest("details")).toBeNull();
    expect(control("Rate").closest("details")).not.toBeNull();
  });

  it("says description, bounds and default", () => {
    draw();
    const hint = control("Steps").getAttribute("aria-describedby") ?? "";
    expect(page.querySelector(`[id="${hint}"]`)?.textContent).toBe("At most. (1 to 100; default 10)");
  });

  it("hands on numbers, and what is none as it was typed", () => {
    draw();
    type(control("Rate"), "0.");
    expect(now).toMatchObject({ optimiser: { rate: 0 } });
    expect(control("Rate").value).toBe("0.");
    type(control("Rate"), "0.x");
    expect(now).toMatchObject({ optimiser: { rate: "0.x" } });
    expect(control("Rate").value).toBe("0.x");
  });

  it("takes emptiness for null where that is allowed", () => {
    draw();
    type(control("Floor"), "");
    expect(now).toMatchObject({ method: { floor: null } });
  });

  it("adds and removes of several options, in the schema's order", () => {
    draw();
    act(() => control("A").click());
    expect(now).toMatchObject({ optimiser: { authors: ["b"] } });
    act(() => control("A").click());
    expect(now).toMatchObject({ optimiser: { authors: ["a", "b"] } });
  });

  it("counts what was changed in a fold", () => {
    draw();
    type(control("Seed"), "7");
    expect(page.querySelectorAll("summary")[2]?.textContent).toBe("Other1 changed");
  });

  it("opens the fold of a problem and ties it to its control", () => {
    draw({ "optimiser.rate": "Too high." });
    const input = control("Rate");
    expect(input.getAttribute("aria-invalid")).toBe("true");
    expect(input.closest("details")?.open).toBe(true);
    expect(page.textContent).toContain("Too high.");
  });
});
