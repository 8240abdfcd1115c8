import { Diff } from "@/components/diff";
import { Field } from "@/components/field";
import { Markdown } from "@/components/markdown";
import { SpanList } from "@/components/span-list";
import type { Span } from "@/lib/spans";
import type { Assignment } from "@/queries/critiques";
import { SpannedAnswer } from "./spanned-answer";
import { texts } from "./texts";
import type { useEdit } from "./use-edit";

interface AnswerPanelProps {
  assignment: Assignment;
  edit: ReturnType<typeof useEdit>;
  /** It is being handed in. */
  isLocked: boolean;
  spans: readonly Span[];
  onSpans: (spans: Span[]) => void;
}

/** The prompt and the answer, set like a page; the answer can be corrected in place. */
export function AnswerPanel({ assignment, edit, isLocked, spans, onSpans }: AnswerPanelProps) {
  const { prompt, rollout } = assignment;
  return (
    <>
      <section className="card" aria-labelledby="prompt-title">
        <h2 id="prompt-title" className="eyebrow">
          {texts.prompt}
        </h2>
        {prompt.messages.map((message, place) => (
          <div key={`${message.role}-${place}`} className="paper prompt-message">
            {prompt.messages.length > 1 && <span className="badge">{message.role}</span>}
            <Markdown>{message.content}</Markdown>
          </div>
        ))}
        <PromptDetails prompt={prompt} />
      </section>
      <section className="card stack" aria-labelledby="answer-title">
        <div className="row apart">
          <h2 id="answer-title" className="eyebrow">
            {texts.answer}
          </h2>
          <span className="badge">
            {texts.firstAttempt} · {rollout.checkpoint.name}
          </span>
        </div>
        {edit.text === null ? (
          <SpannedAnswer answer={rollout.text} spans={spans} onChange={onSpans} />
        ) : (
          <>
            <Field label={texts.editLabel}>
              {(ids) => (
                <textarea
                  {...ids}
                  ref={edit.box}
                  className="paper-field"
                  rows={6}
                  readOnly={isLocked}
                  value={edit.text ?? ""}
                  onChange={(event) => edit.change(event.target.value)}
                />
              )}
            </Field>
            {edit.text !== rollout.text && (
              <section aria-label={texts.editChanges}>
                <Diff from={rollout.text} to={edit.text} />
              </section>
            )}
            {spans.length > 0 && <SpanList spans={spans} />}
          </>
        )}
        <div>
          <button
            ref={edit.button}
            type="button"
            className="button small"
            aria-pressed={edit.text !== null}
            onClick={edit.toggle}
          >
            {edit.text === null ? texts.editInPlace : texts.stopEditing} <span className="keycap">Alt E</span>
          </button>
        </div>
      </section>
    </>
  );
}

/** What else is known of the prompt, for who wants to see it. */
function PromptDetails({ prompt }: { prompt: Assignment["prompt"] }) {
  const metadata = Object.entries(prompt.metadata);
  if (prompt.reference === null && metadata.length === 0) return null;
  return (
    <details className="prompt-details small">
      <summary>{prompt.reference === null ? texts.metadata : texts.reference}</summary>
      {prompt.reference !== null && <p className="paper">{prompt.reference}</p>}
      {metadata.map(([name, value]) => (
        <p key={name} className="muted">
          {name}: {typeof value === "string" ? value : JSON.stringify(value)}
        </p>
      ))}
    </details>
  );
}
