import type { Element, ElementContent, Root, RootContent, Text } from "hast";
import type { Stretch } from "./anchors";
import { isEven, type Kind, type Run, runsOf } from "./source-runs";

/** A stretch of the source to paint, with the number that ties it to its note. */
export interface Mark extends Stretch {
  number: number;
  look: string;
}

export interface SourceOptions {
  source: string;
  marks: readonly Mark[];
}

interface State extends SourceOptions {
  /** Where the source has been rendered up to; it places nodes that came without a position. */
  cursor: number;
  last: Map<number, Element>;
}

const INLINE = new Set(["strong", "em", "del", "a", "code"]);

/**
 * A rehype plugin that puts every text that came of the source into an element with the source's offsets, `data-from`
 * and `data-to`, and paints marks as `<mark>`. Being part of what is rendered, both survive every new rendering.
 */
export function sourcePositions({ source, marks }: SourceOptions) {
  return (tree: Root): void => {
    const state: State = { source, marks, cursor: 0, last: new Map() };
    placeIn(tree, "prose", null, state);
    for (const [number, element] of state.last) {
      const ends = element.properties.dataEnds;
      element.properties.dataEnds = ends ? `${ends} ${number}` : String(number);
    }
  };
}

function placeIn(parent: Root | Element, kind: Kind, range: Stretch | null, state: State): void {
  parent.children = parent.children.flatMap((child): RootContent[] => {
    if (child.type === "text") return placed(child, kind, rangeOf(child) ?? rest(range, state), state);
    if (child.type === "element") placeElement(child, kind, range, state);
    return [child];
  }) as ElementContent[];
}

function placeElement(element: Element, kind: Kind, range: Stretch | null, state: State): void {
  const own = rangeOf(element);
  if (own && kind === "prose" && INLINE.has(element.tagName)) {
    element.properties.dataOuterFrom = own.from;
    element.properties.dataOuterTo = own.to;
  }
  const inner = element.tagName === "pre" ? "code block" : element.tagName === "code" ? codeKind(kind) : kind;
  placeIn(element, inner, own ?? range, state);
}

const codeKind = (kind: Kind): Kind => (kind === "code block" ? kind : "inline code");

function placed(node: Text, kind: Kind, range: Stretch | null, state: State): ElementContent[] {
  if (!range || (kind === "prose" && !node.position && node.value.trim() === "")) return [node];
  const runs = runsOf(node.value, state.source, range, kind);
  const found = runs.map((run) => run.text).join("");
  if (found === "" || !node.value.startsWith(found)) return [node];
  state.cursor = Math.max(state.cursor, runs.at(-1)?.to ?? 0);
  const elements = runs.flatMap((run) => cut(run, state.marks).map((piece) => elementOf(piece, state)));
  const added = node.value.slice(found.length);
  return added === "" ? elements : [...elements, { type: "text", value: added }];
}

function elementOf(piece: Run, state: State): Element {
  const over = state.marks.filter((mark) => mark.from < piece.to && piece.from < mark.to);
  const element: Element = {
    type: "element",
    tagName: over.length > 0 ? "mark" : "span",
    properties: { dataFrom: piece.from, dataTo: piece.to },
    children: [{ type: "text", value: piece.text }],
  };
  if (over.length > 0) {
    element.properties.dataNumbers = over.map((mark) => mark.number).join(" ");
    element.properties.dataLooks = [...new Set(over.map((mark) => mark.look))].join(" ");
  }
  for (const mark of over) state.last.set(mark.number, element);
  return element;
}

/** A run in pieces, each wholly inside or outside of every mark. */
function cut(run: Run, marks: readonly Mark[]): Run[] {
  if (!isEven(run)) return [run];
  const edges = marks.flatMap(({ from, to }) => [from, to]).filter((at) => run.from < at && at < run.to);
  const sorted = [...new Set([run.from, ...edges, run.to])].sort((one, other) => one - other);
  return sorted.slice(1).map((to, index) => {
    const from = sorted[index] ?? run.from;
    return { text: run.text.slice(from - run.from, to - run.from), from, to };
  });
}

function rangeOf(node: Element | Text): Stretch | null {
  const from = node.position?.start.offset;
  const to = node.position?.end.offset;
  return from === undefined || to === undefined ? null : { from, to };
}

function rest(range: Stretch | null, { cursor }: State): Stretch | null {
  return range && { from: Math.max(range.from, cursor), to: range.to };
}
