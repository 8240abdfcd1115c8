import { useEffect, useRef, useState } from "react";
import { type ChatMessage, type ChatSettings, chat } from "@/queries/gateway";

/** One conversation with one model. */
export function useChat(project: string) {
  const [messages, setMessages] = useState<ChatMessage[]>([]);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const abort = useRef<AbortController | null>(null);

  useEffect(() => () => abort.current?.abort(), []);

  /** Send a message; returns whether it was answered. */
  const send = async (content: string, settings: ChatSettings): Promise<boolean> => {
    const controller = new AbortController();
    abort.current = controller;
    const asked: ChatMessage[] = [...messages, { role: "user", content }];
    let answer = "";
    setBusy(true);
    setError(null);
    try {
      for await (const piece of chat(project, asked, settings, controller.signal)) {
        answer += piece;
        setMessages([...asked, { role: "assistant", content: answer }]);
      }
    } catch (problem) {
      if (!controller.signal.aborted) {
        setError(problem);
        return false;
      }
    } finally {
      setBusy(false);
    }
    return true;
  };

  return { messages, busy, error, send, stop: () => abort.current?.abort(), clear: () => setMessages([]) };
}
