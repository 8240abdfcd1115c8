import { type FormEvent, useRef, useState } from "react";
import { Field } from "@/components/field";
import { Problem } from "@/components/states";
import { type ImportJob, useImport } from "@/queries/exchange";
import { Choices, Select } from "./choices";
import { texts } from "./texts";

const t = texts.import;
const { jsonl, csv, parquet } = texts.export.formats;

/** Choose a file and start its import. */
export function ImportForm({ project }: { project: string }) {
  const [content, setContent] = useState<ImportJob["content"]>("prompts");
  const [format, setFormat] = useState<ImportJob["format"]>("jsonl");
  const [keepGood, setKeepGood] = useState(false);
  const [missing, setMissing] = useState(false);
  const chosen = useRef<HTMLInputElement>(null);
  const importing = useImport(project);
  const prompts = content === "prompts";
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const file = chosen.current?.files?.[0];
    setMissing(!file);
    if (!file) return;
    importing.mutate({
      file,
      content,
      format: prompts ? format : "jsonl",
      keepGood: prompts && keepGood,
    });
  };
  return (
    <form className="card stack" onSubmit={submit} aria-labelledby="import-title">
      <h2 id="import-title">{t.title}</h2>
      <Choices legend={t.content} name="content" options={t.contents} value={content} onChange={setContent} />
      <div className="filters">
        <Field label={t.file} problem={missing ? t.nothing : undefined}>
          {(ids) => <input {...ids} ref={chosen} type="file" onChange={() => setMissing(false)} />}
        </Field>
        {prompts && (
          <Select
            label={t.format}
            options={{ jsonl, csv, parquet }}
            value={format}
            onChange={(found) => found && setFormat(found)}
          />
        )}
      </div>
      {prompts && (
        <label className="keep-good">
          <input type="checkbox" checked={keepGood} onChange={(event) => setKeepGood(event.target.checked)} />
          {t.keepGood}
        </label>
      )}
      {importing.isError && <Problem error={importing.error} />}
      <div className="row">
        <button type="submit" className="button" disabled={importing.isPending}>
          {importing.isPending ? t.sending : t.submit}
        </button>
      </div>
    </form>
  );
}
