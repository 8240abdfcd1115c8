// biome-ignore-all lint/suspicious/noTemplateCurlyInString: what is tested are sources
import ts from "typescript";
import { describe, expect, it } from "vitest";

/** Attributes whose words a person reads or hears. */
const SPOKEN = new Set([
  "alt",
  "aria-description",
  "aria-label",
  "aria-roledescription",
  "label",
  "placeholder",
  "title",
]);
/** Elements of commands and key names, which are the same in every language. */
const VERBATIM = new Set(["code", "kbd", "pre"]);

/** Texts in a TSX source that a translator could not find in a catalogue, each with its line. */
function literalTexts(source: string): string[] {
  const file = ts.createSourceFile("page.tsx", source, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX);
  const found = new Set<string>();
  const report = (node: ts.Node, text: string) => {
    const words = text.trim();
    const { line } = file.getLineAndCharacterOfPosition(node.getStart());
    if (/\p{L}/u.test(words)) found.add(`${line + 1}: ${words}`);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isJsxElement(node) && isVerbatim(node.openingElement)) return;
    if (ts.isJsxText(node)) report(node, node.text);
    if (ts.isJsxAttribute(node) && node.initializer && SPOKEN.has(node.name.getText()))
      for (const [at, text] of shownBy(node.initializer)) report(at, text);
    if (ts.isJsxExpression(node) && !ts.isJsxAttribute(node.parent))
      for (const [at, text] of shownBy(node)) report(at, text);
    if (ts.isTemplateExpression(node) && isSentence(node))
      for (const [at, text] of shownBy(node)) report(at, text);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return [...found];
}

/** Whether a template joins words: "3 left", but no class name, command or selector. */
function isSentence(template: ts.TemplateExpression): boolean {
  if (ts.findAncestor(template, ts.isJsxAttribute) || /^(curl |\[)/.test(template.head.text)) return false;
  return shownBy(template).some(([, text]) => /(^|\s)\p{L}+\s|\s\p{L}+(\s|$)/u.test(text));
}

function isVerbatim(element: ts.JsxOpeningElement): boolean {
  const attributes = element.attributes.getText();
  return (
    VERBATIM.has(element.tagName.getText()) ||
    attributes.includes('className="keycap"') ||
    attributes.includes('translate="no"')
  );
}

/** The literals that an expression may show: not what it compares, nor what it hands to others. */
function shownBy(node: ts.Node): [ts.Node, string][] {
  if (ts.isStringLiteralLike(node)) return [[node, node.text]];
  if (ts.isTemplateExpression(node))
    return [node.head, ...node.templateSpans.map((span) => span.literal)].map((part) => [part, part.text]);
  if (ts.isJsxExpression(node)) return node.expression ? shownBy(node.expression) : [];
  if (ts.isParenthesizedExpression(node)) return shownBy(node.expression);
  if (ts.isConditionalExpression(node)) return [...shownBy(node.whenTrue), ...shownBy(node.whenFalse)];
  if (ts.isBinaryExpression(node)) {
    const shown = node.operatorToken.kind;
    if (shown === ts.SyntaxKind.PlusToken || shown === ts.SyntaxKind.QuestionQuestionToken)
      return [...shownBy(node.left), ...shownBy(node.right)];
    if (shown === ts.SyntaxKind.AmpersandAmpersandToken || shown === ts.SyntaxKind.BarBarToken)
      return shownBy(node.right);
  }
  return [];
}

describe("a text of the interface outside of a catalogue", () => {
  it("is found between tags, in what is read aloud, and in what an expression shows", () => {
    expect(literalTexts("<p>Hello <b>{name}</b></p>")).toEqual(["1: Hello"]);
    expect(literalTexts('<a\n title="Go on">→</a>')).toEqual(["2: Go on"]);
    expect(literalTexts("<img alt={`${count} of ${all}`} />")).toEqual(["1: of"]);
    expect(literalTexts('<p>{isOn ? "on" : texts.off}</p>')).toEqual(["1: on"]);
    expect(literalTexts("const left = `${time} left`;")).toEqual(["1: left"]);
    expect(literalTexts('<p>{state === "on" && (name || "none")}</p>')).toEqual(["1: none"]);
  });

  it("is neither a key, nor a command, nor a name, nor what only the program reads", () => {
    expect(literalTexts("<kbd>Alt R</kbd>")).toEqual([]);
    expect(literalTexts('<span className="keycap">Ctrl</span>')).toEqual([]);
    expect(literalTexts("<pre>{`curl ${url}`}</pre>")).toEqual([]);
    expect(literalTexts('<span translate="no">Re<i>draft</i></span>')).toEqual([]);
    expect(literalTexts('<p className="small">{texts.hello} · 3 {find("x")}</p>')).toEqual([]);
  });
});

const sources = import.meta.glob<string>(["./**/*.tsx", "!./**/*.test.tsx"], {
  query: "?raw",
  import: "default",
  eager: true,
});

it("every text of the interface stands in a catalogue", () => {
  expect(Object.keys(sources).length).toBeGreaterThan(100);
  const found = Object.entries(sources).flatMap(([path, source]) =>
    literalTexts(source).map((text) => `${path}:${text}`),
  );
  expect(found).toEqual([]);
});
