import { type FormEvent, useState } from "react";
import { Field } from "@/components/field";
import { FormActions } from "@/components/form-actions";
import { Modal } from "@/components/modal";
import { Rating } from "@/components/rating";
import { SpanList } from "@/components/span-list";
import { Problem } from "@/components/states";
import type { Draft } from "@/queries/critiques";
import type { Reviewable } from "@/queries/reviews";
import type { Reviewing } from "./review-bar";
import { texts } from "./texts";

interface CorrectionFormProps {
  critique: Reviewable;
  levels: number;
  tags: readonly string[];
  review: Reviewing["review"];
  onClose: () => void;
}

/** The critique as the reviewer would have it: text, rating, tags, edit; spans can be taken out. */
export function CorrectionForm({ critique, levels, tags, review, onClose }: CorrectionFormProps) {
  const [draft, setDraft] = useState<Draft>(() => said(critique));
  const [note, setNote] = useState("");
  const change = (changes: Partial<Draft>) => setDraft({ ...draft, ...changes });
  const spans = draft.spans ?? [];
  const send = (event: FormEvent) => {
    event.preventDefault();
    const edit = draft.edit?.trim() ? draft.edit : null;
    review.mutate({ verdict: "correct", note, draft: { ...draft, edit } }, { onSuccess: onClose });
  };
  return (
    <Modal label={texts.correctTitle} onClose={onClose}>
      <form className="stack correction" onSubmit={send}>
        <h2>{texts.correctTitle}</h2>
        <p>{texts.correctWhy}</p>
        <Field label={texts.correctText}>
          {(ids) => (
            <textarea
              {...ids}
              rows={5}
              maxLength={20_000}
              value={draft.text ?? ""}
              onChange={(event) => change({ text: event.target.value })}
            />
          )}
        </Field>
        <Rating
          label={texts.rating}
          levels={levels}
          value={draft.rating ?? null}
          onChange={(rating) => change({ rating })}
        />
        <TagChoice tags={tags} chosen={draft.tags ?? []} onChange={(chosen) => change({ tags: chosen })} />
        {spans.length > 0 && (
          <SpanList
            spans={spans}
            actions={(place) => (
              <button
                type="button"
                className="button quiet small"
                aria-label={texts.removeSpanNumber(place + 1)}
                onClick={() => change({ spans: spans.toSpliced(place, 1) })}
              >
                {texts.removeSpan}
              </button>
            )}
          />
        )}
        <details open={Boolean(draft.edit)}>
          <summary>{texts.edit}</summary>
          <Field label={texts.correctEdit}>
            {(ids) => (
              <textarea
                {...ids}
                rows={4}
                maxLength={20_000}
                value={draft.edit ?? ""}
                onChange={(event) => change({ edit: event.target.value })}
              />
            )}
          </Field>
        </details>
        <Field label={texts.correctNote}>
          {(ids) => (
            <input {...ids} maxLength={2000} value={note} onChange={(event) => setNote(event.target.value)} />
          )}
        </Field>
        {review.error && <Problem error={review.error} />}
        <FormActions isBusy={review.isPending} onCancel={onClose}>
          {texts.saveCorrection}
        </FormActions>
      </form>
    </Modal>
  );
}

function said(critique: Reviewable): Draft {
  const {
    text = "",
    rating = null,
    tags = [],
    edit = null,
    spans = [],
  } = critique.revision ?? critique.draft;
  return { text, rating, tags, edit, spans };
}

interface TagChoiceProps {
  tags: readonly string[];
  chosen: readonly string[];
  onChange: (chosen: string[]) => void;
}

function TagChoice({ tags, chosen, onChange }: TagChoiceProps) {
  const all = [...new Set([...tags, ...chosen])];
  if (all.length === 0) return null;
  const flipped = (tag: string) =>
    chosen.includes(tag) ? chosen.filter((known) => known !== tag) : [...chosen, tag];
  return (
    <fieldset className="tags">
      <legend>{texts.tags}</legend>
      {all.map((tag) => (
        <button
          key={tag}
          type="button"
          className="button small"
          aria-pressed={chosen.includes(tag)}
          onClick={() => onChange(flipped(tag))}
        >
          {tag}
        </button>
      ))}
    </fieldset>
  );
}
