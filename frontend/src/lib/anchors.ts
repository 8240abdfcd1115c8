import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import type { Shapes } from "./api";

/**
 * Where a span stands in a text. The same as `backend/anchors.py`, tested by the same vectors; here offsets that are
 * given and returned are UTF-16 units, as strings and the DOM count, and an anchor holds code points too.
 */
export type Anchor = Shapes["Anchor"];

/** Half-open, in UTF-16 units. */
export interface Stretch {
  from: number;
  to: number;
}

const CONTEXT = 32;
const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });

/** The anchor of a stretch, extended outwards to whole characters; throws a RangeError where it is no span. */
export function anchor(text: string, from: number, to: number): Anchor {
  if (!(0 <= from && from < to && to <= text.length))
    throw new RangeError(`${from} to ${to} is no span of a text of ${text.length} units`);
  const characters = segmenter.segment(text);
  const first = characters.containing(from)?.index ?? 0;
  const last = characters.containing(to - 1);
  const end = last ? last.index + last.segment.length : text.length;
  const quote = text.slice(first, end);
  const start = points(text.slice(0, first));
  return {
    start,
    end: start + points(quote),
    start_utf16: first,
    end_utf16: end,
    quote,
    before: [...text.slice(Math.max(0, first - 2 * CONTEXT), first)].slice(-CONTEXT).join(""),
    after: [...text.slice(end, end + 2 * CONTEXT)].slice(0, CONTEXT).join(""),
    text_sha256: hash(text),
  };
}

/** Where an anchor's span stands in a text, which may have changed; null where that is gone or ambiguous. */
export function resolve(found: Anchor, text: string): Stretch | null {
  if (found.text_sha256 === hash(text)) return { from: found.start_utf16, to: found.end_utf16 };
  const places = placesOf(found.quote, text);
  const scores = places.map((place) => shared(found, text, place));
  const best = Math.max(...scores);
  const winners = places.filter((_, index) => scores[index] === best);
  return winners.length === 1 ? (winners[0] ?? null) : null;
}

/** A code point offset in UTF-16 units. */
export function toUtf16(text: string, offset: number): number {
  return [...text].slice(0, offset).join("").length;
}

/** How many code points a text has. */
export function points(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

function placesOf(quote: string, text: string): Stretch[] {
  const places: Stretch[] = [];
  if (quote === "" || !text.includes(quote)) return places;
  const edges = new Set([text.length]);
  for (const character of segmenter.segment(text)) edges.add(character.index);
  for (let from = text.indexOf(quote); from >= 0; from = text.indexOf(quote, from + 1)) {
    const to = from + quote.length;
    if (edges.has(from) && edges.has(to)) places.push({ from, to });
  }
  return places;
}

function shared(found: Anchor, text: string, { from, to }: Stretch): number {
  const before = [...text.slice(Math.max(0, from - 2 * CONTEXT), from)].slice(-CONTEXT).reverse();
  const after = [...text.slice(to, to + 2 * CONTEXT)];
  return agreeing([...found.before].reverse(), before) + agreeing([...found.after], after);
}

function agreeing(one: string[], other: string[]): number {
  const differs = one.findIndex((point, index) => point !== other[index]);
  return differs < 0 ? one.length : differs;
}

let hashed = { text: "", sha256: bytesToHex(sha256(utf8ToBytes(""))) };

/** Kept for the text at hand: all spans of an answer ask for the same. */
function hash(text: string): string {
  if (hashed.text !== text) hashed = { text, sha256: bytesToHex(sha256(utf8ToBytes(text))) };
  return hashed.sha256;
}
