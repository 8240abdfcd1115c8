import { useEffect, useRef, useState } from "react";
import { type ChatSettings, chat } from "@/queries/gateway";
import { changed, messagesFor, newTurn, type Turn } from "./turns";

export type Chat = ReturnType<typeof useChat>;

let lastId = 0;

/** One conversation with one model. */
export function useChat(project: string) {
  const [turns, setTurns] = useState<Turn[]>([]);
  const abort = useRef<AbortController | null>(null);
  const busy = turns.some((turn) => turn.state === "running");

  useEffect(() => () => abort.current?.abort(), []);

  const put = (id: number, change: (turn: Turn) => Partial<Turn>) =>
    setTurns((known) => changed(known, id, change));

  /** Say something after the turns before it; `refused` means that it failed before the first word. */
  const say = async (before: Turn[], said: string, settings: ChatSettings) => {
    const controller = new AbortController();
    abort.current = controller;
    lastId += 1;
    const id = lastId;
    let heard = false;
    let error: unknown = null;
    setTurns([...before, newTurn(id, said)]);
    try {
      for await (const piece of chat(project, messagesFor(before, said), settings, controller.signal)) {
        heard = true;
        put(id, (turn) => ({ answer: turn.answer + piece }));
      }
    } catch (problem) {
      if (!controller.signal.aborted) error = problem;
    }
    const state = error !== null ? "failed" : controller.signal.aborted ? "stopped" : "done";
    put(id, () => ({ state, error }));
    return { id, refused: state === "failed" && !heard, error };
  };

  return {
    turns,
    busy,
    send: (said: string, settings: ChatSettings) => say(turns, said, settings),
    /** Say once more what failed last. */
    retry: (settings: ChatSettings) => {
      const last = turns.at(-1);
      return last && say(turns.slice(0, -1), last.said, settings);
    },
    drop: (id: number) => setTurns((known) => known.filter((turn) => turn.id !== id)),
    stop: () => abort.current?.abort(),
    clear: () => {
      abort.current?.abort();
      setTurns([]);
    },
  };
}
