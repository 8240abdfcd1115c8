const MOST = 10_000;

/** Numbers written as "1-50, 60"; null where it is not that, or too many. */
export function numbersOf(text: string): number[] | null {
  const found = new Set<number>();
  for (const part of text.split(",").map((piece) => piece.trim())) {
    const match = /^(\d{1,15})(?:\s*-\s*(\d{1,15}))?$/.exec(part);
    const from = Number(match?.[1] ?? 0);
    const to = Number(match?.[2] ?? from);
    if (from < 1 || to < from || to - from >= MOST) return null;
    for (let number = from; number <= to; number++) found.add(number);
  }
  return found.size <= MOST ? [...found] : null;
}
