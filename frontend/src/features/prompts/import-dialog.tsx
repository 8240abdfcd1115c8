import { type ChangeEvent, type FormEvent, useState } from "react";
import { Field } from "@/components/field";
import { Problem } from "@/components/states";
import { ApiError } from "@/lib/api";
import { texts as shared } from "@/lib/texts";
import { type LineError, useImportPrompts } from "@/queries/prompts";
import { Dialog } from "./dialog";
import { badLines, countLines } from "./lines";
import { texts } from "./texts";

const t = texts.import;

interface ImportProps {
  project: string;
  open: boolean;
  onClose: () => void;
}

/** Import prompts from a file or from pasted lines; bad lines are shown with what is wrong. */
export function ImportDialog({ project, open, onClose }: ImportProps) {
  const [pasted, setPasted] = useState("");
  const [file, setFile] = useState<{ name: string; text: string } | null>(null);
  const [empty, setEmpty] = useState(false);
  const importing = useImportPrompts(project);
  const lines = file?.text ?? pasted;

  const send = (keepGood: boolean) => {
    const nothing = countLines(lines) === 0;
    setEmpty(nothing);
    if (!nothing) importing.mutate({ lines, keepGood });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send(false);
  };
  const choose = async (event: ChangeEvent<HTMLInputElement>) => {
    const chosen = event.target.files?.[0];
    importing.reset();
    setFile(chosen ? { name: chosen.name, text: await chosen.text() } : null);
  };
  const bad = badLines(importing.error);

  return (
    <Dialog title={t.title} open={open} onClose={onClose} wide>
      <form onSubmit={submit}>
        <Field label={t.file} hint={file ? t.chosen(file.name, countLines(file.text)) : undefined}>
          {(ids) => <input {...ids} type="file" accept=".jsonl,.ndjson,.json,.txt" onChange={choose} />}
        </Field>
        {!file && (
          <Field label={t.paste} problem={empty ? t.nothing : undefined}>
            {(ids) => (
              <textarea
                {...ids}
                rows={7}
                spellCheck={false}
                placeholder={texts.example}
                value={pasted}
                onChange={(event) => {
                  setPasted(event.target.value);
                  importing.reset();
                }}
              />
            )}
          </Field>
        )}
        {importing.error && <Problem error={importing.error} />}
        {bad.length > 0 && <BadLines lines={bad} more={isCut(importing.error)} />}
        {importing.data && <Result {...importing.data} />}
        <div className="row">
          <button type="submit" className="button primary" disabled={importing.isPending}>
            {importing.isPending ? t.busy : t.submit}
          </button>
          {bad.length > 0 && (
            <button
              type="button"
              className="button"
              disabled={importing.isPending}
              onClick={() => send(true)}
            >
              {t.keepGood}
            </button>
          )}
          <button type="button" className="button quiet" onClick={onClose}>
            {shared.common.close}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function Result({
  imported,
  duplicates,
  errors,
}: {
  imported: number;
  duplicates: number;
  errors: LineError[];
}) {
  return (
    <>
      <p className="notice good" role="status">
        {t.done(imported, duplicates)}
      </p>
      {errors.length > 0 && (
        <>
          <p>{t.left}</p>
          <BadLines lines={errors} more={false} />
        </>
      )}
    </>
  );
}

function BadLines({ lines, more }: { lines: LineError[]; more: boolean }) {
  return (
    <div className="stack tight">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling box must be reachable by keyboard */}
      <section className="bad-lines" tabIndex={0} aria-label={t.reason}>
        <table>
          <thead>
            <tr>
              <th scope="col" className="number">
                {t.line}
              </th>
              <th scope="col">{t.reason}</th>
            </tr>
          </thead>
          <tbody>
            {lines.map((line) => (
              <tr key={line.line}>
                <td className="number">{line.line}</td>
                <td>{line.reason}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {more && <p className="small muted">{t.firstOnly}</p>}
    </div>
  );
}

const SHOWN_AT_MOST = 100;
const isCut = (error: unknown) => error instanceof ApiError && badLines(error).length >= SHOWN_AT_MOST;
