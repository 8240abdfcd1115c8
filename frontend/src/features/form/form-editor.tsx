import { type FormEvent, useMemo, useState } from "react";
import { Field } from "@/components/field";
import { Problem } from "@/components/states";
import type { FormVersion } from "@/lib/form";
import { useDebounced } from "@/lib/use-debounced";
import { useSaveForm } from "@/queries/forms";
import { Changes } from "./changes";
import { type EditedForm, edited, formOf } from "./edited";
import { PointsField } from "./points-field";
import { Preview } from "./preview";
import { QuestionList } from "./question-list";
import { texts } from "./texts";
import { Versions } from "./versions";

const SETTLE_MS = 400;

interface FormEditorProps {
  project: string;
  versions: readonly FormVersion[];
  now: FormVersion;
}

/** Scale, tags and questions; what saving them would change; a preview; the versions. */
export function FormEditor({ project, versions, now }: FormEditorProps) {
  const save = useSaveForm(project);
  // What this editing began from; a version that somebody else saves meanwhile must not be overwritten unseen.
  const [base, setBase] = useState(now);
  const [draft, setDraft] = useState(() => edited(now.form));
  const form = useMemo(() => formOf(draft), [draft]);
  const isChanged = JSON.stringify(form) !== JSON.stringify(formOf(edited(base.form)));
  const settled = useDebounced(form, SETTLE_MS);
  const taken = useMemo(
    () => new Set(versions.flatMap((version) => (version.form.questions ?? []).map(({ key }) => key))),
    [versions],
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const onSuccess = (saved: FormVersion) => {
      setBase(saved);
      setDraft(edited(saved.form));
    };
    save.mutate({ form, base: base.number }, { onSuccess });
  };
  return (
    <div className="form-body">
      <form className="stack" onSubmit={submit} aria-label={texts.title}>
        <ScaleAndTags draft={draft} onChange={setDraft} />
        <QuestionList
          questions={draft.questions}
          taken={taken}
          onChange={(questions) => setDraft((earlier) => ({ ...earlier, questions }))}
        />
        <Changes project={project} form={settled} isChanged={isChanged} />
        {save.error && <Problem error={save.error} />}
        <div className="row">
          <button type="submit" className="button primary" disabled={!isChanged || save.isPending}>
            {texts.save}
          </button>
          <span className="small muted" role="status">
            {isChanged ? texts.unsaved : save.data && texts.savedAs(save.data.number)}
          </span>
        </div>
      </form>
      <div className="stack">
        <Preview form={settled} />
        <Versions versions={versions} onTakeUp={(version) => setDraft(edited(version.form))} />
      </div>
    </div>
  );
}

function ScaleAndTags({ draft, onChange }: { draft: EditedForm; onChange: (draft: EditedForm) => void }) {
  return (
    <section className="card stack" aria-labelledby="scale">
      <h2 id="scale">{texts.scale}</h2>
      <PointsField
        label={texts.points}
        hint={texts.pointsHint}
        value={draft.points}
        onChange={(points) => onChange({ ...draft, points })}
      />
      <Field label={texts.labels} hint={texts.labelsHint}>
        {(ids) => (
          <textarea
            {...ids}
            rows={2}
            value={draft.labels}
            onChange={(event) => onChange({ ...draft, labels: event.target.value })}
          />
        )}
      </Field>
      <label className="row small">
        <input
          type="checkbox"
          checked={draft.required}
          onChange={(event) => onChange({ ...draft, required: event.target.checked })}
        />
        {texts.ratingRequired}
      </label>
      <Field label={texts.tags} hint={texts.tagsHint}>
        {(ids) => (
          <input
            {...ids}
            value={draft.tags}
            onChange={(event) => onChange({ ...draft, tags: event.target.value })}
          />
        )}
      </Field>
    </section>
  );
}
