/** The list with one element moved by some places; at an end it stays as it is. */
export function moved<T>(list: readonly T[], from: number, by: number): T[] {
  const to = from + by;
  const rest = [...list];
  if (to < 0 || to >= list.length) return rest;
  rest.splice(to, 0, ...rest.splice(from, 1));
  return rest;
}
