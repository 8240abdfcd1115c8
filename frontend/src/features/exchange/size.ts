import { texts } from "./texts";

const STEP = 1000;

/** A number of bytes in words: "1.4 MB". */
export function size(bytes: number): string {
  const power = Math.min(texts.units.length - 1, Math.floor(Math.log10(Math.max(bytes, 1)) / 3));
  const value = bytes / STEP ** power;
  return `${power === 0 ? value : value.toFixed(1)} ${texts.units[power]}`;
}
