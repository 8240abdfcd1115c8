import { useEffect, useRef } from "react";
import { Markdown } from "@/components/markdown";
import { Problem } from "@/components/states";
import { texts } from "./texts";
import type { Turn } from "./turns";
import type { Chat } from "./use-chat";

const NEAR_END_PX = 80;

interface ConversationProps {
  model: string;
  chat: Chat;
  onRetry: () => void;
}

/** What was said, in a box of one height that follows the end unless it was scrolled away from it. */
export function Conversation({ model, chat, onRetry }: ConversationProps) {
  const box = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  const { turns } = chat;
  useEffect(() => {
    if (turns.length > 0 && follows.current) box.current?.scrollTo({ top: box.current.scrollHeight });
  }, [turns]);
  const onScroll = () => {
    const { scrollHeight = 0, scrollTop = 0, clientHeight = 0 } = box.current ?? {};
    follows.current = scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
  };
  return (
    <section className="card flush conversation">
      <h2>{model}</h2>
      <div
        ref={box}
        className="turns"
        role="log"
        aria-label={texts.conversation(model)}
        aria-busy={chat.busy}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by the keyboard
        tabIndex={0}
        onScroll={onScroll}
      >
        {turns.length === 0 && <p className="muted">{texts.empty}</p>}
        {turns.map((turn, place) => (
          <Said key={turn.id} turn={turn} onRetry={place === turns.length - 1 ? onRetry : undefined} />
        ))}
      </div>
    </section>
  );
}

function Said({ turn, onRetry }: { turn: Turn; onRetry: (() => void) | undefined }) {
  return (
    <>
      <div className="said user">
        <span className="visually-hidden">{texts.you}: </span>
        {turn.said}
      </div>
      <div className="said assistant">
        {turn.answer && <Markdown>{turn.answer}</Markdown>}
        {turn.state === "running" && !turn.answer && (
          <div className="skeleton" role="status" aria-label={texts.waiting} />
        )}
        {turn.state === "stopped" && <p className="small muted">{texts.stopped}</p>}
        {turn.state === "done" && !turn.answer && <p className="small muted">{texts.emptyAnswer}</p>}
        {turn.state === "failed" && <Problem error={turn.error} retry={onRetry} />}
      </div>
    </>
  );
}
