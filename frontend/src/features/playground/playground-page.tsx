import { useQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { Page } from "@/components/page";
import { Problem } from "@/components/states";
import { modelsQuery } from "@/queries/gateway";
import { Composer, type Sampling } from "./composer";
import { Conversation } from "./conversation";
import { curlFor } from "./curl";
import "./playground.css";
import { texts } from "./texts";
import { useChat } from "./use-chat";
import { useKeptText } from "./use-kept-text";

/** Chat with one model, or with two side by side. */
export function PlaygroundPage({ project }: { project: string }) {
  const models = useQuery(modelsQuery(project));
  const [first, setFirst] = useState("production");
  const [second, setSecond] = useState("");
  const [sampling, setSampling] = useState<Sampling>({ temperature: "0.7", tokens: "96" });
  const [text, setText] = useKeptText(`redraft.playground.${project}`);
  const [error, setError] = useState<unknown>(null);
  const typed = useRef(text);
  const left = useChat(project);
  const right = useChat(project);
  const busy = left.busy || right.busy;
  const settings = (model: string) => ({
    model,
    temperature: Number(sampling.temperature),
    max_tokens: Number(sampling.tokens),
  });
  const type = (next: string) => {
    typed.current = next;
    setText(next);
  };

  const send = async () => {
    const said = text.trim();
    if (!said || busy) return;
    type("");
    setError(null);
    const chats = second ? [left, right] : [left];
    const endings = await Promise.all(
      chats.map((chat) => chat.send(said, settings(chat === left ? first : second))),
    );
    // Nobody heard it: the text goes back to where it was typed, unless something new stands there.
    if (!endings.every(({ refused }) => refused) || typed.current) return;
    chats.forEach((chat, place) => {
      const ending = endings[place];
      if (ending) chat.drop(ending.id);
    });
    setError(endings[0]?.error);
    type(said);
  };
  const stop = () => {
    left.stop();
    right.stop();
  };
  const clear = () => {
    left.clear();
    right.clear();
    setError(null);
  };
  const said = text.trim() || left.turns.at(-1)?.said || texts.example;
  return (
    <Page title={texts.title} about={texts.about}>
      {models.error && <Problem error={models.error} retry={() => models.refetch()} />}
      <div className="row">
        <ModelChoice label={texts.model} models={models.data ?? [first]} value={first} onChange={setFirst} />
        <ModelChoice
          label={texts.second}
          models={models.data ?? []}
          value={second}
          onChange={setSecond}
          none
        />
      </div>
      <div className={second ? "chats two" : "chats"}>
        <Conversation model={first} chat={left} onRetry={() => left.retry(settings(first))} />
        {second && <Conversation model={second} chat={right} onRetry={() => right.retry(settings(second))} />}
      </div>
      <Composer
        text={text}
        onText={type}
        sampling={sampling}
        onSampling={setSampling}
        busy={busy}
        onSend={send}
        onStop={stop}
        onClear={clear}
        problem={error ? <Problem error={error} /> : null}
      />
      <details>
        <summary>{texts.curl}</summary>
        <div className="stack tight">
          <p className="small muted">{texts.curlWhy}</p>
          <pre>{curlFor(window.location.origin, settings(first), said)}</pre>
        </div>
      </details>
    </Page>
  );
}

interface ModelChoiceProps {
  label: string;
  models: string[];
  value: string;
  onChange: (model: string) => void;
  none?: boolean;
}

function ModelChoice({ label, models, value, onChange, none = false }: ModelChoiceProps) {
  return (
    <label className="row small">
      {label}
      <select className="narrow" value={value} onChange={(event) => onChange(event.target.value)}>
        {none && <option value="">{texts.none}</option>}
        {models.map((model) => (
          <option key={model}>{model}</option>
        ))}
      </select>
    </label>
  );
}
