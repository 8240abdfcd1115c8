import { decodeNamedCharacterReference } from "decode-named-character-reference";
import type { Stretch } from "./anchors";

/**
 * A piece of rendered text and the stretch of the markdown source it came of. Where both are equally long they agree
 * unit by unit; else the piece stands for its source as a whole, as "&" does for "&amp;".
 */
export interface Run extends Stretch {
  text: string;
}

/** What a text node is part of; it says what the renderer took away. */
export type Kind = "prose" | "inline code" | "code block";

const REFERENCE = /&(?:#x([0-9a-f]{1,6})|#([0-9]{1,7})|([0-9a-z]{1,31}));/iy;
const ESCAPE = /\\[!-/:-@[-`{-~]/y;
const LINE_END = /\r\n|\n|\r/y;
const CONTINUED = /[ \t>]*/y;

/** Runs of a text that was rendered from a stretch of the source; what did not come of the source has none. */
export function runsOf(text: string, source: string, { from, to }: Stretch, kind: Kind): Run[] {
  const written = source.slice(0, to);
  if (kind === "code block") return merged(blockRuns(text, written, from));
  return merged(kind === "prose" ? proseRuns(text, written, from) : inlineCodeRuns(text, written, from));
}

/** Whether a run's text agrees with its source unit by unit. */
export function isEven(run: Run): boolean {
  return run.text.length === run.to - run.from;
}

/** Escapes and character references are one piece each; markers of lists and quotes at line starts are left out. */
function proseRuns(text: string, source: string, from: number): Run[] {
  const runs: Run[] = [];
  let at = from;
  let place = 0;
  while (place < text.length && at < source.length) {
    const run = lineEnd(text, place, source, at) ?? written(text, place, source, at);
    if (run) {
      runs.push(run);
      place += run.text.length;
      at = /[\n\r]$/.test(run.text) ? run.to + length(CONTINUED, source, run.to) : run.to;
    } else at += 1;
  }
  return runs;
}

/** Without the backticks and one space of padding; a line ending became a space. */
function inlineCodeRuns(text: string, source: string, from: number): Run[] {
  const ticks = length(/`*/y, source, from);
  const inner = source.slice(from + ticks, source.length - ticks);
  const isPadded = /^[ \n\r].*[ \n\r]$/s.test(inner) && inner.trim() !== "";
  const runs: Run[] = [];
  let at = from + ticks + (isPadded ? length(/\r\n|[ \n\r]/y, source, from + ticks) : 0);
  let place = 0;
  while (place < text.length && at < source.length) {
    const ending = text[place] === " " ? length(LINE_END, source, at) : 0;
    if (ending > 0 || text[place] === source[at]) {
      runs.push({ text: text.charAt(place), from: at, to: at + Math.max(1, ending) });
      place += 1;
      at += Math.max(1, ending);
      if (ending > 0) at += length(/>[ \t>]*/y, source, at);
    } else at += 1;
  }
  return runs;
}

/** Line by line: each is the end of a line of the source, after its indentation and the markers of quotes. */
function blockRuns(text: string, source: string, from: number): Run[] {
  const isFenced = /^(`{3,}|~{3,})/.test(source.slice(from));
  const lines = linesOf(source, from).slice(isFenced ? 1 : 0);
  return linesOf(text, 0).flatMap((line, index) => {
    const match = lines[index];
    if (!match) return [];
    const shown = match.body.endsWith(line.body) ? line.body : line.body.trimStart();
    if (!match.body.endsWith(shown)) return [];
    const start = match.from + match.body.length - shown.length;
    const end = start + shown.length;
    const indent = line.body.slice(0, line.body.length - shown.length);
    return [
      { text: indent, from: match.from, to: start },
      { text: shown, from: start, to: end },
      { text: line.ending, from: end, to: end + match.ending.length },
    ].filter((run) => run.text !== "" && run.to > run.from);
  });
}

function linesOf(text: string, from: number) {
  const lines: { from: number; body: string; ending: string }[] = [];
  for (const [whole, body = "", ending = ""] of text.slice(from).matchAll(/([^\r\n]*)(\r\n|\n|\r|$)/g)) {
    const last = lines.at(-1);
    if (whole === "" && last) break;
    lines.push({ from: last ? last.from + last.body.length + last.ending.length : from, body, ending });
  }
  return lines;
}

function lineEnd(text: string, place: number, source: string, at: number): Run | null {
  const shown = length(LINE_END, text, place);
  const stands = length(LINE_END, source, at);
  return shown > 0 && stands > 0
    ? { text: text.slice(place, place + shown), from: at, to: at + stands }
    : null;
}

function written(text: string, place: number, source: string, at: number): Run | null {
  const reference = referenceAt(source, at);
  if (reference && text.startsWith(reference.text, place)) return reference;
  const isEscape = length(ESCAPE, source, at) > 0 && source[at + 1] === text[place];
  if (isEscape) return { text: text.charAt(place), from: at, to: at + 2 };
  return source[at] === text[place] ? { text: text.charAt(place), from: at, to: at + 1 } : null;
}

function referenceAt(source: string, at: number): Run | null {
  REFERENCE.lastIndex = at;
  const match = REFERENCE.exec(source);
  if (!match) return null;
  const [whole, hexadecimal, decimal, name] = match;
  const text = name ? decodeNamedCharacterReference(name) : character(hexadecimal, decimal);
  return text === false ? null : { text, from: at, to: at + whole.length };
}

function character(hexadecimal: string | undefined, decimal: string | undefined): string {
  const code = hexadecimal ? Number.parseInt(hexadecimal, 16) : Number(decimal);
  return code > 0x10ffff || code === 0 ? "\ufffd" : String.fromCodePoint(code);
}

function length(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0].length ?? 0;
}

function merged(runs: Run[]): Run[] {
  const joined: Run[] = [];
  for (const run of runs) {
    const last = joined.at(-1);
    if (last && last.to === run.from && isEven(last) && isEven(run)) {
      last.text += run.text;
      last.to = run.to;
    } else joined.push({ ...run });
  }
  return joined;
}
