import { type FormEvent, useState } from "react";
import { Field } from "@/components/field";
import { Problem } from "@/components/states";
import { texts } from "@/lib/texts";
import { useChangePassword } from "@/queries/session";

/** Choosing a new password; forced after a one-time password. */
export function PasswordForm({ forced, onDone }: { forced: boolean; onDone?: () => void }) {
  const change = useChangePassword();
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate({ current, new: next }, { onSuccess: () => onDone?.() });
  };
  return (
    <form className="stack" onSubmit={submit}>
      <h1>{texts.login.newTitle}</h1>
      {forced && <p className="muted">{texts.login.newWhy}</p>}
      <Field label={texts.login.current}>
        {(ids) => (
          <input
            {...ids}
            type="password"
            autoComplete="current-password"
            required
            value={current}
            onChange={(event) => setCurrent(event.target.value)}
          />
        )}
      </Field>
      <Field label={texts.login.next}>
        {(ids) => (
          <input
            {...ids}
            type="password"
            autoComplete="new-password"
            minLength={12}
            required
            value={next}
            onChange={(event) => setNext(event.target.value)}
          />
        )}
      </Field>
      {change.error && <Problem error={change.error} />}
      <button type="submit" className="button primary" disabled={change.isPending}>
        {texts.login.save}
      </button>
    </form>
  );
}
