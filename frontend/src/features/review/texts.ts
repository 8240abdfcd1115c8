export const texts = {
  title: "Review",
  about: "Every critique of the project: who or what wrote it, and what came of it.",
  author: "Author",
  state: "State",
  all: "all",
  kinds: { annotator: "annotator", verifier: "verifier (code)", judge: "judge (model)" },
  states: { draft: "draft", submitted: "submitted", skipped: "skipped", discarded: "discarded" },
  columns: { prompt: "Prompt and answer", critique: "Critique", author: "Author", state: "State" },
  empty: "No critique yet",
  emptyWhy:
    "Critiques appear here as people write them under Annotate, or when a verifier runs over the answers under Prompts.",
  forbidden: "Reviewers and admins read everybody's critiques; your role here does not.",
  rating: "Rating",
  edit: "Edit in place",
  redrafts: "Redrafts under this critique",
  noRedrafts: "No redraft was made under this critique.",
  noText: "(no text)",
} as const;
