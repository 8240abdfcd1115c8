import { type FormEvent, useState } from "react";
import { Field } from "@/components/field";
import { Problem } from "@/components/states";
import { type ExportBody, useExport } from "@/queries/exchange";
import { Choices, Select } from "./choices";
import { texts } from "./texts";

const t = texts.export;
const SUBMITTED: ExportBody = { shape: "sft", format: "jsonl", state: "submitted", reviewed: "any" };
const HINTS: Partial<Record<ExportBody["format"], string>> = { csv: t.csv, hf: t.hf };

/** Choose a shape, a format and filters, and start an export. */
export function ExportForm({ project }: { project: string }) {
  const [asked, setAsked] = useState<ExportBody>(SUBMITTED);
  const exporting = useExport(project);
  const whole = asked.shape === "lineage";
  const change = (part: Partial<ExportBody>) => {
    exporting.reset();
    setAsked({ ...asked, ...part });
  };
  const choose = (shape: ExportBody["shape"]) =>
    shape === "lineage" ? setAsked({ ...SUBMITTED, shape }) : change({ shape });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    exporting.mutate(asked);
  };
  return (
    <form className="card stack" onSubmit={submit} aria-labelledby="export-title">
      <h2 id="export-title">{t.title}</h2>
      <Choices legend={t.shape} name="shape" options={t.shapes} value={asked.shape} onChange={choose} />
      <div className="filters">
        <Select
          label={t.format}
          options={t.formats}
          value={asked.format}
          onChange={(format) => format && change({ format })}
          hint={whole ? t.whole : HINTS[asked.format]}
          disabled={whole}
        />
        <Select
          label={t.split}
          all={t.allSplits}
          options={t.splits}
          value={asked.split ?? null}
          onChange={(split) => change({ split })}
          disabled={whole}
        />
        <Select
          label={t.author}
          all={t.allAuthors}
          options={t.authors}
          value={asked.author_kind ?? null}
          onChange={(author_kind) => change({ author_kind })}
          disabled={whole}
        />
        <Select
          label={t.state}
          options={t.states}
          value={asked.state}
          onChange={(state) => state && change({ state })}
          disabled={whole}
        />
        <Select
          label={t.reviewed}
          options={t.reviews}
          value={asked.reviewed}
          onChange={(reviewed) => reviewed && change({ reviewed })}
          disabled={whole}
        />
        <Field label={t.since}>
          {(ids) => (
            <input
              {...ids}
              type="date"
              disabled={whole}
              value={asked.since?.slice(0, 10) ?? ""}
              onChange={(event) =>
                change({ since: event.target.value ? `${event.target.value}T00:00:00Z` : null })
              }
            />
          )}
        </Field>
      </div>
      {exporting.isError && <Problem error={exporting.error} />}
      <div className="row">
        <button type="submit" className="button primary" disabled={exporting.isPending}>
          {t.submit}
        </button>
      </div>
    </form>
  );
}
