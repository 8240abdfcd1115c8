export const texts = {
  title: "Playground",
  about:
    "Chat with what is served, or with two checkpoints side by side, through the same API that applications use.",
  model: "Model",
  second: "Compare with",
  none: "nothing",
  temperature: "Temperature",
  tokens: "Longest answer (tokens)",
  message: "Your message",
  send: "Send",
  stop: "Stop",
  clear: "Clear",
  you: "You",
  empty: "Ask something below.",
  curl: "The same as curl",
} as const;
