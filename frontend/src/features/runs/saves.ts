import type { RunEvent } from "@/queries/runs";

/** The events, of saves that follow each other only the newest: they come with every look. */
export function newestSaves<E extends Pick<RunEvent, "kind">>(events: E[]): E[] {
  return events.filter((event, index) => event.kind !== "saved" || events[index + 1]?.kind !== "saved");
}
