/** Every text of the Prompts page. */
export const texts = {
  title: "Prompts",
  about:
    "What the model is asked. Train prompts collect critiques, probe prompts guard runs, eval prompts only measure.",
  tiles: {
    prompts: "Prompts",
    attempts: "First attempts",
    critiques: "Critiques",
    redrafts: (count: number) => `${count} redrafts`,
    splits: { train: "train", probe: "probe", eval: "eval" },
    kinds: { annotator: "by people", judge: "by models", verifier: "by code" },
    toAnnotate: (count: number) => (count === 1 ? "1 waits for a critique" : `${count} wait for a critique`),
    atThisPace: (time: string) => `done in ${time} at the latest pace`,
    allAnnotated: "none waits for a critique",
    noAttempts: "none sampled yet",
  },
  split: "Split",
  all: "All",
  empty: {
    title: "No prompts yet",
    why: "Prompts are the questions the model answers and people critique. Import them as JSON lines: one object a line, with a prompt (or chat messages), and if you like a reference, metadata and a split.",
    or: "Or in a terminal:",
    ask: "Ask an admin of this project to import some.",
  },
  example: [
    '{"prompt": "What causes rain?"}',
    '{"prompt": "Why is the sky blue?", "split": "probe"}',
    '{"messages": [{"role": "user", "content": "Name a prime."}], "reference": "7", "metadata": {"topic": "maths"}}',
  ].join("\n"),
  cli: (project: string) => `redraft import prompts file.jsonl --project ${project}`,
  import: {
    open: "Import",
    title: "Import prompts",
    file: "A file of JSON lines",
    paste: "Or paste lines here",
    chosen: (name: string, lines: number) => `${name}: ${lines} ${lines === 1 ? "line" : "lines"}`,
    format: "The format",
    submit: "Import",
    busy: "Importing",
    keepGood: "Import the good ones",
    line: "Line",
    reason: "What is wrong",
    firstOnly: "The first 100 are shown.",
    left: "These lines were left out:",
    done: (imported: number, duplicates: number) =>
      `${imported} imported, ${duplicates} ${duplicates === 1 ? "was" : "were"} there already.`,
    nothing: "Choose a file or paste lines first.",
  },
  sample: {
    open: "Sample first attempts",
    title: "Sample first attempts",
    about: "The model answers every prompt of the split that has fewer of its attempts than you ask for.",
    checkpoint: "Who answers",
    perPrompt: "Attempts per prompt",
    temperature: "Temperature",
    temperatureHint: "0 is always the same answer; 1 is the model's own spread.",
    maxTokens: "Longest answer, in tokens",
    submit: "Start sampling",
  },
  verify: {
    open: "Verify or judge",
    title: "Critiques by code or by a model",
    who: "Who critiques",
    kinds: {
      verifier: [
        "Code (a verifier)",
        "Applies one fixed rule to every first attempt, rates it and writes a critique. Marked as code everywhere.",
      ],
      judge: [
        "A model (a judge)",
        "Reads the guidelines, the rules and the scale, critiques every first attempt and rates it. Marked as a model everywhere; never counts towards the overlap, and is trained on only where a run names judges.",
      ],
    },
    verifier: "Verifier",
    judge: "Model that judges",
    judgeHint:
      "How far it agrees with people stands under Review, Agreement. What it says in another form than asked is counted, not guessed.",
    served: (name: string, model: string) => (name === model ? name : `${name} (${model})`),
    elsewhere: (model: string) => `${model} (another server, set by the operator)`,
    noJudge: "No model can judge here: nothing is served, and the operator has named none.",
    submitJudge: "Start judging",
    redraft: "Also sample a redraft under each critique and rate it",
    redraftHint: "Runs need redrafts to learn from; without them they are sampled when a run starts.",
    none: "This installation has no verifier.",
    submit: "Start verifying",
  },
  number: (low: number, high: number) => `A number from ${low} to ${high}.`,
  jobs: {
    title: "Jobs",
    sample: (split: string, perPrompt: unknown) =>
      `Sample first attempts · ${split} · ${perPrompt} per prompt`,
    verify: (verifier: unknown, split: string, redraft: boolean) =>
      `Verifier ${verifier} (code) · ${split}${redraft ? " · with redrafts" : ""}`,
    judge: (judge: unknown, split: string, redraft: boolean) =>
      `Judge ${judge} (model) · ${split}${redraft ? " · with redrafts" : ""}`,
    unjudged: (count: number, of: number, reasons: [string, number][]) =>
      `${count} of ${of} answers could not be judged: ${reasons
        .map(([why, each]) => `${why} (${each})`)
        .join(", ")}.`,
    unrated: (count: number) =>
      count === 1 ? "1 redraft was kept without a rating." : `${count} redrafts were kept without a rating.`,
    chosen: "chosen answers",
    prioritise: "Put the waiting answers in order",
    change: "Change of many things",
    undo: "Taking back a change of many things",
    failed: "What went wrong:",
    cancel: "Cancel",
    cancelling: "Stopping ...",
    none: "Sampling, verifying and judging run as jobs; they are listed here with their progress.",
    older: (count: number) => `Older jobs (${count})`,
  },
} as const;
