import { act } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Markdown } from "@/components/markdown";
import { rangeOf, shownRuns, stretchOf } from "./selection";
import type { Mark } from "./source-plugin";
import { stopsOf } from "./stops";

const FAMILY = "\u{1f469}\u200d\u{1f469}\u200d\u{1f467}";
const SOURCES = {
  plain: "Rain is water. It falls.",
  bold: "It is **very *very* bold** and ~~gone~~.",
  emoji: `The ${FAMILY} is **${FAMILY} bold** \u{1f600}.`,
  escapes: "5 \\* 3 is \\> 2 and \\\\ stays \\a",
  references: "Salt &amp; pepper &lt;b&gt; &#8364; &#x1F600; &nosuch; &",
  "line endings": "One.\r\nTwo  \r\nthree.\r\n\r\nFour.",
  quotes: "> One\n> two **three**\n> > four\n> > > five\n> \\> six\nlazy",
  lists: "- one\n  goes on\n  - two\n    deeper\n\n1. first\n2. second",
  "task list": "- [x] done\n- [ ] not done",
  code: "Use `x = 1` and `` a`b `` and `  two  `.\n\n```python\nif x:\n    y > 2\n\n```\n\n    indented\n      more",
  "code in a quote": "> ```\n> > x\n>   y\n> ```\n\n> a `b\n> c` d",
  "code in a list": "- item\n\n  ```\n  a\n    b\n  ```\n- `x\n  y`",
  "unclosed code": "```\nfor ever\nand ever",
  "code with CRLF": "```\r\na\r\nb\r\n```\r\n\r\n`c\r\nd`",
  table: "| a | b |\n|---|---|\n| `x\\|y` | **z** |\n| & | \\| |",
  links: "See [the **docs**](https://a.example 'x') or https://b.example/x and www.c.example, me@d.example!",
  headings: "# One #\n\nTwo\n===\n\n## Three *four*",
  html: "a <b>bold</b> c\n\n<div>gone</div>\n\nend",
  footnotes: "A claim[^1] here.\n\n[^1]: The source.\n\nAfter.",
  hebrew: "\u05e9\u05c1\u05dc\u05d5\u05dd **\u05e2\u05d5\u05dc\u05dd** \u0643\u064e\u062a\u064e\u0628\u064e",
  "hard breaks": "one  \ntwo\\\nthree",
  images: "before ![alt](x.png) after",
};

let box: HTMLElement;
let root: Root;

beforeEach(() => {
  (globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;
  box = document.createElement("div");
  document.body.append(box);
  root = createRoot(box);
});
afterEach(() => {
  act(() => root.unmount());
  box.remove();
});

function show(source: string, marks: readonly Mark[] = []) {
  act(() => root.render(<Markdown marks={marks}>{source}</Markdown>));
}

function select(text: string, source: string) {
  const runs = shownRuns(box);
  const all = runs.map((run) => run.text).join("");
  const start = all.indexOf(text);
  expect(start).toBeGreaterThanOrEqual(0);
  const at = (offset: number, ends: boolean) => {
    let passed = 0;
    for (const run of runs) {
      if (offset < passed + run.text.length || (ends && offset === passed + run.text.length))
        return [run.node, offset - passed] as const;
      passed += run.text.length;
    }
    throw new Error("outside");
  };
  const range = document.createRange();
  range.setStart(...at(start, false));
  range.setEnd(...at(start + text.length, true));
  const stretch = stretchOf(range, box, source);
  return stretch && source.slice(stretch.from, stretch.to);
}

describe("the places of rendered markdown in its source", () => {
  it.each(Object.entries(SOURCES))("agree unit by unit, or stand for an escape: %s", (_, source) => {
    show(source);
    const runs = shownRuns(box);
    for (const { text, from, to } of runs) {
      const stands = source.slice(from, to);
      if (text.length === stands.length)
        expect(stands.replace(/[\r\n]/g, " ")).toBe(text.replace(/[\r\n]/g, " "));
      else expect(stands).toMatch(/^(\\.|&[^;]+;|\r\n)$/);
    }
    expect(runs.length).toBeGreaterThan(0);
  });

  it.each(Object.entries(SOURCES))("cover every word that is shown: %s", (_, source) => {
    show(source);
    const placed = shownRuns(box)
      .map((run) => run.text)
      .join("");
    const shown = (box.textContent ?? "").replace(/Footnotes|↩/g, "");
    expect(placed.replace(/\s/g, "")).toBe(shown.replace(/\s/g, ""));
  });

  it.each(Object.entries(SOURCES))("can be shown again and read back: %s", (_, source) => {
    show(source);
    for (const run of shownRuns(box)) {
      if (run.text.trim() === "") continue;
      const range = rangeOf(run, box);
      expect(range?.toString()).toBe(run.text);
      const stretch = range && stretchOf(range, box, source);
      expect(stretch && source.slice(run.from, run.to)).toContain(
        stretch ? source.slice(stretch.from, stretch.to) : "nothing",
      );
    }
  });
});

describe("a selection in rendered markdown", () => {
  it.each([
    ["bold", "very very bold", "very *very* bold"],
    ["bold", "is very", "is **very"],
    ["bold", "is very very bold", "is **very *very* bold**"],
    ["bold", "very bold and", "*very* bold** and"],
    ["emoji", `${FAMILY} bold \u{1f600}`, `**${FAMILY} bold** \u{1f600}`],
    ["escapes", "* 3", "\\* 3"],
    ["references", "Salt & pepper", "Salt &amp; pepper"],
    ["line endings", "One.\r\nTwo", "One.\r\nTwo"],
    ["links", "docs or", "**docs**](https://a.example 'x') or"],
    ["links", "See the docs or", "See [the **docs**](https://a.example 'x') or"],
    ["code", "x = 1 and", "`x = 1` and"],
    ["plain", " is water. ", "is water."],
  ] as const)("of %s, %j, is quoted as %j", (name, selected, quote) => {
    show(SOURCES[name]);
    expect(select(selected, SOURCES[name])).toBe(quote);
  });

  it("of nothing but blanks is none", () => {
    show(SOURCES.plain);
    expect(select(" ", SOURCES.plain)).toBeNull();
  });

  it("that begins outside of the answer takes what lies inside", () => {
    show(SOURCES.bold);
    const range = document.createRange();
    range.selectNode(box);
    expect(stretchOf(range, box, SOURCES.bold)).toEqual({ from: 0, to: SOURCES.bold.length });
  });
});

describe("marks", () => {
  it("are painted over the text, through markup, with their numbers, and overlap", () => {
    const source = SOURCES.bold;
    const from = source.indexOf("is");
    const marks = [
      { number: 1, look: "minor", from, to: source.indexOf("very") + 4 },
      { number: 2, look: "critical", from: from + 1, to: source.indexOf("bold") + 4 },
    ];
    show(source, marks);
    const painted = [...box.querySelectorAll("mark")].map((mark) => [
      mark.textContent,
      mark.dataset.numbers,
      mark.dataset.ends,
    ]);
    expect(painted).toEqual([
      ["i", "1", undefined],
      ["s ", "1 2", undefined],
      ["very", "1 2", "1"],
      [" ", "2", undefined],
      ["very", "2", undefined],
      [" bold", "2", "2"],
    ]);
    expect(box.textContent).toBe("It is very very bold and gone.");
  });

  it("stay when the answer is rendered again", () => {
    const marks = [{ number: 1, look: "minor", from: 0, to: 4 }];
    show(SOURCES.plain, marks);
    show(SOURCES.plain, [...marks]);
    expect(box.querySelector("mark")?.textContent).toBe("Rain");
  });
});

describe("the stops of the keyboard", () => {
  const stops = (source: string) => {
    show(source);
    return stopsOf(shownRuns(box), source).map((stop) => ({
      ...stop,
      quote: source.slice(stop.from, stop.to),
    }));
  };

  it("are words, through markup but not from line to line", () => {
    const found = stops("un**believ**able\n\n# One\nTwo").filter((stop) => stop.isWord);
    expect(found.map((stop) => stop.text)).toEqual(["unbelievable", "One", "Two"]);
    expect(found[0]?.quote).toBe("un**believ**able");
  });

  it("are emoji as a whole, and punctuation apart", () => {
    const found = stops(`A ${FAMILY}!`);
    expect(found.map((stop) => [stop.text, stop.isWord])).toEqual([
      ["A", true],
      [FAMILY, true],
      ["!", false],
    ]);
  });

  it("are an escape or a reference as it stands in the source", () => {
    expect(stops("a &amp; b").map((stop) => stop.quote)).toEqual(["a", "&amp;", "b"]);
  });
});
