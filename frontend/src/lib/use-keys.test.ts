import { describe, expect, it } from "vitest";
import { pressed } from "./use-keys";

const press = (init: KeyboardEventInit) => pressed(new KeyboardEvent("keydown", init));

describe("key names", () => {
  it("are the same with Ctrl and Cmd", () => {
    expect(press({ key: "Enter", ctrlKey: true })).toBe("Ctrl+Enter");
    expect(press({ key: "Enter", metaKey: true })).toBe("Ctrl+Enter");
  });

  it("name the physical letter with Alt, whatever character the layout makes of it", () => {
    expect(press({ key: "®", code: "KeyR", altKey: true })).toBe("Alt+R");
  });

  it("do not depend on Shift for letters", () => {
    expect(press({ key: "s" })).toBe("S");
    expect(press({ key: "?" })).toBe("?");
  });
});
