/** Every text of the Data page. */
export const texts = {
  title: "Data",
  about:
    "Everything that was collected: search it, keep what you search for, and change many things at once.",
  lists: { rollouts: "Rollouts", critiques: "Critiques", prompts: "Prompts" },
  list: "List",
  views: "Saved views",
  chooseView: "Open a view",
  saveView: "Save this view",
  viewName: "Name of the view",
  shared: "Everybody in the project sees it",
  viewOf: (name: string, owner: string) => `${name} (by ${owner})`,
  deleteView: "Delete the view",
  empty: "Nothing collected yet",
  emptyWhy: "Import prompts and sample first attempts under Prompts; they appear here.",
  selected: (count: number) => `${number(count)} selected`,
  selectedAll: (count: number) => `All ${number(count)} that match are selected`,
  selectLoaded: "Select all loaded",
  selectMatching: "Select all that match",
  clearSelection: "Clear selection",
  tooMany: (most: number) =>
    `At most ${number(most)} rows are changed by hand; select all that match instead.`,
  tooManyMatch: (most: number) => `More than ${number(most)} match. Narrow the filter to change them.`,
  promptAction: "Change the prompts",
  actions: {
    tag: "Add tag",
    untag: "Remove tag",
    move: "Move to split",
    discard: "Discard",
    restore: "Restore",
    verify: "Queue for verification",
    judge: "Queue for judging",
  },
  critics: { verifier: "Code (verifiers)", judge: "Models (judges)" },
  value: { tag: "Tag", untag: "Tag", move: "Split", verify: "Verifier or judge" },
  done: {
    tag: (count: number) => `${number(count)} prompts tagged.`,
    untag: (count: number) => `${number(count)} prompts untagged.`,
    move: (count: number) => `${number(count)} prompts moved.`,
    discard: (count: number) => `${number(count)} critiques discarded.`,
    restore: (count: number) => `${number(count)} critiques restored.`,
    verify: (count: number) => `${number(count)} answers verified by code.`,
    judge: (count: number) => `${number(count)} answers judged by a model.`,
  },
  doing: {
    tag: "Adding the tag in the background",
    untag: "Removing the tag in the background",
    move: "Moving in the background",
    discard: "Discarding in the background",
    restore: "Restoring in the background",
    verify: "The verifier (code) critiques the first attempts among them",
    judge: "The judge (a model) critiques the first attempts among them",
  },
  undoing: "Undoing in the background",
  stopped: "Stopped before its end; Undo takes back what was done.",
  undone: (count: number) => `Undone: ${number(count)} are as they were.`,
  discarded: (count: number) =>
    `Undone: it was stopped, and ${number(count)} critiques that it wrote are discarded.`,
  left: (count: number) => `${number(count)} left as they were.`,
  undo: "Undo",
} as const;

function number(count: number): string {
  return count.toLocaleString("en");
}
