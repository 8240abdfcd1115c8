import { describe, expect, it } from "vitest";
import { launchCommand } from "./launch-command";
import { sampleSchema, sampleValues } from "./sample-schema";
import { readSchema, setAt } from "./schema";

const form = readSchema(sampleSchema);
const wanted = { origin: "https://r.example", project: "tea", form, recipe: sampleValues() };

describe("launchCommand", () => {
  it("leaves out what is the default", () => {
    expect(launchCommand({ ...wanted, name: " ", base: {} })).toBe(
      [
        "curl -X POST https://r.example/api/runs \\",
        '  -H "Authorization: Bearer $REDRAFT_KEY" \\',
        '  -H "Content-Type: application/json" \\',
        "  -d '{",
        '  "project": "tea",',
        '  "recipe": {',
        '    "method": {',
        '      "name": "plain"',
        "    }",
        "  }",
        "}'",
      ].join("\n"),
    );
  });

  it("names base, name and changes, and quotes for a shell", () => {
    const recipe = setAt(sampleValues(), "optimiser.steps", 3);
    const command = launchCommand({ ...wanted, recipe, name: "it's", base: { checkpoint_id: 4 } });
    expect(command).toContain(`"name": "it'\\''s"`);
    expect(command).toContain('"checkpoint_id": 4');
    expect(command).toContain('"steps": 3');
  });
});
