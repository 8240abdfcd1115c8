import type { FormEvent, KeyboardEvent, ReactNode } from "react";
import { Field } from "@/components/field";
import { texts } from "./texts";

export interface Sampling {
  temperature: string;
  tokens: string;
}

interface ComposerProps {
  text: string;
  onText: (text: string) => void;
  sampling: Sampling;
  onSampling: (sampling: Sampling) => void;
  busy: boolean;
  onSend: () => void;
  onStop: () => void;
  onClear: () => void;
  problem: ReactNode;
}

/** The message, how it is sampled, and what stands in the way. */
export function Composer(props: ComposerProps) {
  const { text, sampling, busy } = props;
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    props.onSend();
  };
  const onKey = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    event.currentTarget.form?.requestSubmit();
  };
  return (
    <form className="card stack tight" onSubmit={onSubmit}>
      <Field label={texts.message}>
        {(ids) => (
          <textarea
            {...ids}
            rows={3}
            value={text}
            onChange={(event) => props.onText(event.target.value)}
            onKeyDown={onKey}
          />
        )}
      </Field>
      {props.problem}
      <div className="row apart">
        <span className="row">
          <label className="row small">
            {texts.temperature}
            <input
              className="number-field"
              type="number"
              required
              min={0}
              max={2}
              step={0.1}
              value={sampling.temperature}
              onChange={(event) => props.onSampling({ ...sampling, temperature: event.target.value })}
            />
          </label>
          <label className="row small">
            {texts.tokens}
            <input
              className="number-field"
              type="number"
              required
              min={1}
              max={4096}
              value={sampling.tokens}
              onChange={(event) => props.onSampling({ ...sampling, tokens: event.target.value })}
            />
          </label>
        </span>
        <span className="row">
          <button type="button" className="button quiet" onClick={props.onClear}>
            {texts.clear}
          </button>
          {busy ? (
            <button type="button" className="button" onClick={props.onStop}>
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
  );
}
