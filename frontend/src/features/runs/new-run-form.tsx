import { type FormEvent, useEffect, useState } from "react";
import { CheckpointField } from "@/components/checkpoint-field";
import { Field } from "@/components/field";
import { Problem } from "@/components/states";
import { useMayManage } from "@/queries/roles";
import { type Preset, useLaunch } from "@/queries/runs";
import { CopyButton } from "./copy-button";
import { type Draft, dropDraft, keepDraft, readDraft } from "./draft";
import { launchCommand } from "./launch-command";
import { LiveCheck } from "./live-check";
import { MethodCards } from "./method-cards";
import { type Form, same } from "./schema";
import { SchemaForm } from "./schema-form";
import { texts } from "./texts";
import { useCheck } from "./use-check";

const t = texts.form;
const LONGEST_NAME = 200;

/** What a person should look at before a launch; the rest is folded. */
const IMPORTANT = [
  "feedback.attempts",
  "feedback.redrafts",
  "feedback.control",
  "feedback.authors",
  "optimiser.steps",
  "optimiser.learning_rate",
] as const;

interface NewRunFormProps {
  project: string;
  form: Form;
  presets: Preset[];
  onLaunched: (run: number) => void;
}

/** The draft of a run with its live check; kept in this tab until it is launched. */
export function NewRunForm({ project, form, presets, onLaunched }: NewRunFormProps) {
  const [draft, setDraft] = useState<Draft>(() => readDraft(project, presets));
  const manages = useMayManage(project);
  const launch = useLaunch();
  const found = useCheck(project, form, draft);
  useEffect(() => keepDraft(project, draft), [project, draft]);
  const preset = presets.find((each) => each.name === draft.preset);
  const before = { ...preset?.recipe };

  const change = (part: Partial<Draft>) => {
    launch.reset();
    setDraft({ ...draft, ...part });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    launch.mutate(
      { project, name: draft.name, recipe: draft.recipe, base: draft.base },
      {
        onSuccess: (run) => {
          dropDraft(project);
          onLaunched(run.id);
        },
      },
    );
  };
  const command = launchCommand({ origin: window.location.origin, project, form, ...draft });

  return (
    <form className="new-run" onSubmit={submit}>
      <div className="stack">
        <MethodCards
          project={project}
          presets={presets}
          base={draft.base}
          chosen={draft.preset}
          onChoose={(chosen) => change({ preset: chosen.name, recipe: { ...chosen.recipe } })}
        />
        <section className="card stack" aria-label={t.settings}>
          <div className="row apart">
            <h2>{t.settings}</h2>
            <button
              type="button"
              className="button quiet small"
              disabled={same(draft.recipe, before)}
              onClick={() => change({ recipe: before })}
            >
              {t.reset}
            </button>
          </div>
          <div className="schema-fields">
            <Field label={t.name} hint={t.nameHint}>
              {(ids) => (
                <input
                  {...ids}
                  type="text"
                  maxLength={LONGEST_NAME}
                  autoComplete="off"
                  value={draft.name}
                  onChange={(event) => change({ name: event.target.value })}
                />
              )}
            </Field>
            <CheckpointField
              project={project}
              label={texts.form.base}
              hint={texts.form.baseHint}
              value={draft.base}
              onChange={(base) => change({ base })}
            />
          </div>
          <SchemaForm
            form={form}
            values={draft.recipe}
            before={before}
            problems={found.problems}
            important={IMPORTANT}
            onChange={(recipe) => change({ recipe })}
          />
        </section>
      </div>
      <aside className="stack">
        <LiveCheck
          check={found.check}
          stale={found.stale}
          broken={found.broken}
          problems={found.general}
          error={found.error}
          retry={found.retry}
        />
        {launch.isError && <Problem error={launch.error} />}
        <button
          type="submit"
          className="button primary"
          disabled={!manages || !found.ready || launch.isPending}
          aria-describedby={manages ? undefined : "launch-why"}
        >
          {launch.isPending ? t.launching : t.launch}
        </button>
        {!manages && (
          <p className="small muted" id="launch-why">
            {t.notAllowed}
          </p>
        )}
      </aside>
      <Command text={command} />
    </form>
  );
}

function Command({ text }: { text: string }) {
  return (
    <details className="card command" open>
      <summary>{t.curl}</summary>
      <div className="stack tight">
        <p className="small muted">{t.curlHint}</p>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls on a phone, so the keyboard must reach it */}
        <pre tabIndex={0}>{text}</pre>
        <div>
          <CopyButton text={text} />
        </div>
      </div>
    </details>
  );
}
