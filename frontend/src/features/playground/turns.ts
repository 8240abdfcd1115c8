import type { ChatMessage } from "@/queries/gateway";

/** One thing said and what came back. */
export interface Turn {
  id: number;
  said: string;
  answer: string;
  state: "running" | "done" | "stopped" | "failed";
  error: unknown;
}

/** A turn that waits for its first token. */
export function newTurn(id: number, said: string): Turn {
  return { id, said, answer: "", state: "running", error: null };
}

/** The turns with one of them changed; a turn that was cleared meanwhile stays away. */
export function changed(turns: Turn[], id: number, change: (turn: Turn) => Partial<Turn>): Turn[] {
  return turns.map((turn) => (turn.id === id ? { ...turn, ...change(turn) } : turn));
}

/** What the model is told: turns that have an answer (an interrupted one counts), then the new message. */
export function messagesFor(turns: Turn[], said: string): ChatMessage[] {
  const known = turns
    .filter((turn) => turn.answer && (turn.state === "done" || turn.state === "stopped"))
    .flatMap((turn): ChatMessage[] => [
      { role: "user", content: turn.said },
      { role: "assistant", content: turn.answer },
    ]);
  return [...known, { role: "user", content: said }];
}
