const time = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});
const dateTime = new Intl.DateTimeFormat(undefined, {
  dateStyle: "medium",
  timeStyle: "short",
  hourCycle: "h23",
});

/** "12:04:31". */
export function clock(moment: string | Date): string {
  return time.format(new Date(moment));
}

/** "24 Nov 2026, 12:04". */
export function day(moment: string | Date): string {
  return dateTime.format(new Date(moment));
}

/** "41 s", "3 min 20 s", "2 h 5 min", "3 days". */
export function duration(seconds: number): string {
  const s = Math.round(seconds);
  if (s < 60) return `${s} s`;
  if (s >= 2 * 86400) return `${Math.round(s / 86400)} days`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
}

/** A score to two digits. */
export function score(value: number): string {
  return value.toFixed(2);
}

/** "+0.12", "-0.03", "0.00". */
export function signed(value: number): string {
  return `${value > 0 ? "+" : value < 0 ? "-" : ""}${Math.abs(value).toFixed(2)}`;
}
