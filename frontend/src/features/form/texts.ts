import type { FormChanges } from "@/queries/forms";

const listed = (keys: readonly string[]) => keys.join(", ");
const drafts = (count: number) => (count === 1 ? "1 open draft" : `${count} open drafts`);

export const texts = {
  title: "Critique form",
  about:
    "What annotators fill in beside the text of a critique. Saving makes a new version; what was submitted keeps its own.",
  back: "Project",
  readOnly: "Owners and admins change the form.",
  scale: "Rating scale",
  points: "Points",
  pointsHint: "From 2 to 11; ratings are stored in [0, 1], so that old ones stay comparable.",
  labels: "Names of the points, one a line",
  labelsHint: "From the lowest to the highest; all of them, or none.",
  ratingRequired: "A rating is required",
  tags: "Tags, separated by commas",
  tagsHint: "What annotators can tick beside a critique.",
  questions: "Questions",
  noQuestions:
    "No question yet. The text, the rating and the tags are always there; add what else you want to know.",
  add: "Add a question",
  kind: "Kind of the new question",
  kinds: {
    text: "Words",
    choice: "One of several",
    choices: "Any of several",
    scale: "Scale",
    yes_no: "Yes or no",
  },
  question: (number: number) => `Question ${number}`,
  label: "Question",
  help: "Help (optional)",
  required: "An answer is required",
  options: "Options, one a line",
  when: "Shown",
  always: "always",
  whenAnswered: (label: string) => `only where “${label}” is answered with`,
  values: "Answers that show it",
  yes: "Yes",
  no: "No",
  up: (label: string) => `Move up: ${label}`,
  down: (label: string) => `Move down: ${label}`,
  moved: (place: number, of: number) => `Moved to place ${place} of ${of}.`,
  remove: "Remove",
  removeName: (label: string) => `Remove: ${label}`,
  untitled: "new question",
  key: (key: string) => `Answers are kept under “${key}”.`,
  preview: "Preview",
  previewWhy: "As annotators see it. Try it out; nothing is kept.",
  rating: "Rating of the answer",
  changes: "What changes",
  noChange: "Nothing yet: this is the form in force.",
  added: (keys: readonly string[]) => `New: ${listed(keys)}`,
  removed: (keys: readonly string[]) => `Removed: ${listed(keys)}. Given answers are kept and shown as such.`,
  changed: (keys: readonly string[]) => `Changed: ${listed(keys)}`,
  openDrafts: ({ open_drafts: open, with_removed_answers: removed, to_complete: missing }: FormChanges) =>
    open === 0
      ? "No draft is open."
      : `${drafts(open)} will go on under the new form: ${removed} with answers to removed questions, ${missing} with something new to answer before submitting.`,
  save: "Save as a new version",
  unsaved: "Not saved yet",
  savedAs: (number: number) => `Saved as version ${number}`,
  versions: "Versions",
  version: (number: number) => `Version ${number}`,
  inForce: "in force",
  first: "from the beginning",
  by: (author: string, when: string) => `${author}, ${when}`,
  content: (points: number, tags: number, questions: number) =>
    `${points} points · ${tags === 1 ? "1 tag" : `${tags} tags`} · ${questions === 1 ? "1 question" : `${questions} questions`}`,
  takeUp: "Edit from",
  takeUpName: (number: number) => `Edit from version ${number} of the form`,
} as const;
