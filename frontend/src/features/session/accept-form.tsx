import { type FormEvent, useState } from "react";
import { Field } from "@/components/field";
import { Problem } from "@/components/states";
import { texts } from "@/lib/texts";
import { useAccept } from "@/queries/session";

/** Using an invitation; its token stands in the address behind the #, which no server sees. */
export function AcceptForm({ token, onDone }: { token: string; onDone: () => void }) {
  const accept = useAccept();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    accept.mutate({ token, name, password }, { onSuccess: onDone });
  };
  return (
    <form className="stack" onSubmit={submit}>
      <h1>{texts.login.inviteTitle}</h1>
      <p className="muted">{texts.login.inviteWhy}</p>
      <Field label={texts.login.yourName}>
        {(ids) => (
          <input {...ids} autoComplete="name" value={name} onChange={(e) => setName(e.target.value)} />
        )}
      </Field>
      <Field label={texts.login.password}>
        {(ids) => (
          <input
            {...ids}
            type="password"
            autoComplete="new-password"
            minLength={12}
            required
            value={password}
            onChange={(event) => setPassword(event.target.value)}
          />
        )}
      </Field>
      {accept.error && <Problem error={accept.error} />}
      <button type="submit" className="button primary" disabled={accept.isPending}>
        {texts.login.join}
      </button>
    </form>
  );
}
