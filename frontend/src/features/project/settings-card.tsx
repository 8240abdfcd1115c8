import { type FormEvent, useState } from "react";
import { Field } from "@/components/field";
import { Markdown } from "@/components/markdown";
import { Problem } from "@/components/states";
import type { Shapes } from "@/lib/api";
import { clock } from "@/lib/format";
import { texts as common } from "@/lib/texts";
import { useChangeProject } from "@/queries/project-admin";
import { draftOf, isChanged, patchOf, type SettingsDraft } from "./settings";
import { texts } from "./texts";

/** Name, guidelines and overlap. */
export function SettingsCard({ project }: { project: Shapes["ProjectShape"] }) {
  const change = useChangeProject(project.slug);
  const [saved, setSaved] = useState(() => draftOf(project));
  const [draft, setDraft] = useState(saved);
  const [savedAt, setSavedAt] = useState<Date | null>(null);
  const changed = isChanged(saved, draft);
  const save = (event: FormEvent) => {
    event.preventDefault();
    change.mutate(patchOf(saved, draft), {
      onSuccess: (now) => {
        // What was typed while the answer was under way stays in the form.
        setDraft((typed) => (isChanged(draft, typed) ? typed : draftOf(now)));
        setSaved(draftOf(now));
        setSavedAt(new Date());
      },
    });
  };
  const edits = (field: keyof SettingsDraft) => ({
    value: draft[field],
    onChange: (event: { target: { value: string } }) => setDraft({ ...draft, [field]: event.target.value }),
  });
  return (
    <form className="card stack" onSubmit={save} aria-labelledby="settings">
      <h2 id="settings">{texts.settings}</h2>
      <Field label={texts.name}>
        {(ids) => <input {...ids} required maxLength={200} {...edits("name")} />}
      </Field>
      <div className="stack tight">
        <Field label={texts.guidelines}>
          {(ids) => <textarea {...ids} rows={7} maxLength={20_000} {...edits("guidelines")} />}
        </Field>
        {draft.guidelines.trim() && (
          <details>
            <summary>{texts.preview}</summary>
            <div className="paper guidelines">
              <Markdown>{draft.guidelines}</Markdown>
            </div>
          </details>
        )}
      </div>
      <Field label={texts.overlap} hint={texts.overlapHint}>
        {(ids) => <input {...ids} type="number" required min={1} max={20} {...edits("overlap")} />}
      </Field>
      {change.error && <Problem error={change.error} />}
      <div className="row">
        <button type="submit" className="button primary" disabled={!changed || change.isPending}>
          {common.common.save}
        </button>
        <span className="small muted" role="status">
          {changed ? texts.unsaved : savedAt && texts.saved(clock(savedAt))}
        </span>
      </div>
    </form>
  );
}

/** The same for those who may not change it. */
export function SettingsFacts({ project }: { project: Shapes["ProjectShape"] }) {
  return (
    <section className="card stack" aria-labelledby="settings">
      <div>
        <h2 id="settings">{project.name}</h2>
        <p className="small muted">{texts.readOnly}</p>
      </div>
      <div className="stack tight">
        <h3>{texts.guidelinesTitle}</h3>
        {project.guidelines.trim() ? (
          <div className="paper guidelines">
            <Markdown>{project.guidelines}</Markdown>
          </div>
        ) : (
          <p className="muted">{texts.noGuidelines}</p>
        )}
      </div>
      <dl className="settings-facts">
        <dt>{texts.overlap}</dt>
        <dd>{project.overlap}</dd>
      </dl>
    </section>
  );
}
