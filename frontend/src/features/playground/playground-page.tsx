import { useQuery } from "@tanstack/react-query";
import { type FormEvent, type KeyboardEvent, useState } from "react";
import { Field } from "@/components/field";
import { Markdown } from "@/components/markdown";
import { Page } from "@/components/page";
import { Problem } from "@/components/states";
import { modelsQuery } from "@/queries/gateway";
import "./playground.css";
import { texts } from "./texts";
import { useChat } from "./use-chat";

/** Chat with one model, or with two side by side. */
export function PlaygroundPage({ project }: { project: string }) {
  const models = useQuery(modelsQuery(project));
  const [first, setFirst] = useState("production");
  const [second, setSecond] = useState("");
  const [temperature, setTemperature] = useState(0.7);
  const [tokens, setTokens] = useState(96);
  const [text, setText] = useState("");
  const left = useChat(project);
  const right = useChat(project);
  const busy = left.busy || right.busy;
  const settings = { temperature, max_tokens: tokens };

  const send = async () => {
    const said = text.trim();
    if (!said || busy) return;
    setText("");
    const sent = [left.send(said, { ...settings, model: first })];
    if (second) sent.push(right.send(said, { ...settings, model: second }));
    const answered = await Promise.all(sent);
    if (!answered.every(Boolean)) setText((now) => now || said);
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    void send();
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void send();
  };
  const clear = () => {
    left.clear();
    right.clear();
  };
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
        <Conversation name={first} chat={left} />
        {second && <Conversation name={second} chat={right} />}
      </div>
      <form className="card stack tight" onSubmit={onSubmit}>
        <Field label={texts.message}>
          {(ids) => (
            <textarea
              {...ids}
              rows={3}
              value={text}
              onChange={(e) => setText(e.target.value)}
              onKeyDown={onKey}
            />
          )}
        </Field>
        <div className="row apart">
          <span className="row">
            <label className="row small">
              {texts.temperature}
              <input
                className="number-field"
                type="number"
                min={0}
                max={2}
                step={0.1}
                value={temperature}
                onChange={(event) => setTemperature(Number(event.target.value))}
              />
            </label>
            <label className="row small">
              {texts.tokens}
              <input
                className="number-field"
                type="number"
                min={1}
                max={4096}
                value={tokens}
                onChange={(event) => setTokens(Number(event.target.value))}
              />
            </label>
          </span>
          <span className="row">
            <button type="button" className="button quiet" onClick={clear}>
              {texts.clear}
            </button>
            {busy ? (
              <button
                type="button"
                className="button"
                onClick={() => {
                  left.stop();
                  right.stop();
                }}
              >
                {texts.stop}
              </button>
            ) : (
              <button type="submit" className="button primary" disabled={!text.trim()}>
                {texts.send} <span className="keycap">Ctrl ⏎</span>
              </button>
            )}
          </span>
        </div>
      </form>
      <details>
        <summary>{texts.curl}</summary>
        <pre>{curl(first, temperature, tokens)}</pre>
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

function Conversation({ name, chat }: { name: string; chat: ReturnType<typeof useChat> }) {
  return (
    <section className="card stack conversation" aria-label={name} aria-live="polite">
      <h2>{name}</h2>
      {chat.messages.length === 0 && <p className="muted">{texts.empty}</p>}
      {chat.messages.map((message, place) => (
        <div key={`${message.role}-${place}`} className={`said ${message.role}`}>
          {message.role === "user" ? <p>{message.content}</p> : <Markdown>{message.content}</Markdown>}
        </div>
      ))}
      {chat.error !== null && <Problem error={chat.error} />}
    </section>
  );
}

function curl(model: string, temperature: number, tokens: number): string {
  const body = { model, temperature, max_tokens: tokens, messages: [{ role: "user", content: "..." }] };
  return `curl ${window.location.origin}/v1/chat/completions \\
  -H "Authorization: Bearer $KEY" -H "Content-Type: application/json" \\
  -d '${JSON.stringify(body)}'`;
}
