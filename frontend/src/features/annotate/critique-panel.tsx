import { type RefObject, useLayoutEffect } from "react";
import { RemovedAnswers } from "@/components/answers";
import { Field } from "@/components/field";
import { Markdown } from "@/components/markdown";
import { Questions } from "@/components/questions";
import { Rating } from "@/components/rating";
import { Problem } from "@/components/states";
import type { FormVersion } from "@/lib/form";
import { texts as common } from "@/lib/texts";
import type { Assignment, Draft } from "@/queries/critiques";
import { Others } from "./others";
import { texts } from "./texts";

interface CritiquePanelProps {
  assignment: Assignment;
  draft: Draft;
  /** It is being handed in. */
  isLocked: boolean;
  form: FormVersion;
  problems: Record<string, string>;
  onChange: (changes: Partial<Draft>) => void;
  onRedraft: () => void;
  onStop: () => void;
  onMeasure: () => void;
  asking: boolean;
  problem: unknown;
  box: RefObject<HTMLTextAreaElement | null>;
  restored: boolean;
}

/** What the annotator says: the critique, a rating, tags; and the button that shows what the model makes of it. */
export function CritiquePanel(props: CritiquePanelProps) {
  const { assignment, draft, onChange, problems } = props;
  const { form } = props.form;
  const tags = draft.tags ?? [];
  useCaretAtTheEnd(props.box);
  const offered = [...new Set([...(form.tags ?? []), ...tags])];
  const toggle = (tag: string) =>
    onChange({ tags: tags.includes(tag) ? tags.filter((known) => known !== tag) : [...tags, tag] });
  return (
    <section className="card stack critique" aria-label={texts.critique}>
      {props.restored && <p className="notice good small">{texts.restored}</p>}
      <Others said={assignment.others} />
      <Field label={texts.critique} hint={texts.critiqueHint}>
        {(ids) => (
          <textarea
            {...ids}
            ref={props.box}
            // biome-ignore lint/a11y/noAutofocus: writing the critique is what the page is for
            autoFocus={isBesideTheAnswer()}
            rows={6}
            readOnly={props.isLocked}
            value={draft.text ?? ""}
            onChange={(event) => onChange({ text: event.target.value })}
          />
        )}
      </Field>
      <FormChanged assignment={assignment} form={props.form} />
      <Rating
        label={form.rating.required ? common.form.required(texts.rating) : texts.rating}
        levels={form.rating.points ?? 5}
        names={form.rating.labels}
        problem={problems[""]}
        value={draft.rating ?? null}
        onChange={(rating) => onChange({ rating })}
      />
      {offered.length > 0 && (
        <fieldset className="tags">
          <legend>{texts.tags}</legend>
          {offered.map((tag) => (
            <button
              key={tag}
              type="button"
              className="button small"
              aria-pressed={tags.includes(tag)}
              onClick={() => toggle(tag)}
            >
              {tag}
            </button>
          ))}
        </fieldset>
      )}
      <Questions
        form={form}
        answers={draft.answers ?? {}}
        onChange={(answers) => onChange({ answers })}
        problems={problems}
      />
      <RemovedAnswers form={form} answers={draft.answers ?? {}} />
      <div className="critique-actions">
        {props.asking ? (
          <button type="button" className="button" onClick={props.onStop}>
            {texts.stop}
          </button>
        ) : (
          <button type="button" className="button" onClick={props.onRedraft}>
            {texts.redraft} <span className="keycap">Alt R</span>
          </button>
        )}
        <button type="button" className="button" onClick={props.onMeasure}>
          {texts.signal.ask} <span className="keycap">Alt W</span>
        </button>
      </div>
      {props.problem !== null && <Problem error={props.problem} retry={props.onRedraft} />}
      {assignment.guidelines && (
        <details>
          <summary>{texts.guidelines}</summary>
          <div className="small">
            <Markdown>{assignment.guidelines}</Markdown>
          </div>
        </details>
      )}
    </section>
  );
}

/** That a draft was begun under an older form; its answers were carried over. */
function FormChanged({ assignment, form }: { assignment: Assignment; form: FormVersion }) {
  const begun = assignment.critique.draft.form_version ?? assignment.form.number;
  if (begun >= form.number) return null;
  return <p className="notice warn small">{texts.formChanged(begun, form.number)}</p>;
}

/** Who takes a text up again goes on writing where it ends. */
function useCaretAtTheEnd(box: RefObject<HTMLTextAreaElement | null>): void {
  useLayoutEffect(() => {
    const end = box.current?.value.length ?? 0;
    box.current?.setSelectionRange(end, end);
  }, [box]);
}

/** In one column the focus would scroll the answer away and open the phone's keyboard before it was read. */
function isBesideTheAnswer(): boolean {
  return window.matchMedia("(min-width: 861px)").matches;
}
