const paths = {
  annotate: "M4 20l1-4L16 5l3 3L8 19l-4 1zM14 7l3 3",
  compare: "M4 5h6v14H4zM14 5h6v14h-6z",
  review: "M4 12s3-6 8-6 8 6 8 6-3 6-8 6-8-6-8-6zM12 10a2 2 0 100 4 2 2 0 000-4z",
  data: "M5 6c0-2 14-2 14 0v12c0 2-14 2-14 0zM5 6c0 2 14 2 14 0M5 12c0 2 14 2 14 0",
  rules: "M4 6l1.5 1.5L8 5M11 6h9M4 12l1.5 1.5L8 11M11 12h9M4 18l1.5 1.5L8 17M11 18h9",
  prompts: "M5 5h14v10H10l-5 4z",
  runs: "M4 18l5-6 4 3 7-9",
  checkpoints: "M6 4v16M6 8h8a3 3 0 013 3v3M17 14a2 2 0 100 4 2 2 0 000-4M6 4",
  evaluations: "M5 20V10M12 20V4M19 20v-7",
  playground: "M5 6h14v9h-6l-4 4v-4H5z",
  project: "M12 9a3 3 0 100 6 3 3 0 000-6zM12 3v3M12 18v3M3 12h3M18 12h3",
  more: "M5 12h.01M12 12h.01M19 12h.01",
} as const;

export type IconName = keyof typeof paths;

/** A line icon; always beside its word, so hidden from screen readers. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg viewBox="0 0 24 24" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  );
}
