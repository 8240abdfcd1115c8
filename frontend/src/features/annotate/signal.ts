import type { Signal } from "@/queries/critiques";

type Token = Signal["tokens"][number];

const SPECIAL = /^<\|.*\|>$/;
const STEPS = [0.25, 1, 2.5];
const SHOWN = 5;

/** How strongly a token is shown, 0 to 3, from its gain in nats. */
export function depth(gain: number): number {
  const size = Math.abs(gain);
  return STEPS.filter((step) => size >= step).length;
}

/** A token as it is shown: one that only the model writes (the end of an answer) by what it means. */
export function shown(text: string): string {
  return SPECIAL.test(text) ? " \u25a0" : text;
}

/** The tokens the critique says most about, strongest first. */
export function strongest(tokens: readonly Token[]): Token[] {
  return [...tokens]
    .filter((token) => depth(token.gain) > 0)
    .sort((one, other) => Math.abs(other.gain) - Math.abs(one.gain))
    .slice(0, SHOWN);
}
