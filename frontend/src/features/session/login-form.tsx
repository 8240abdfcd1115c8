import { type FormEvent, useState } from "react";
import { Field } from "@/components/field";
import { Problem } from "@/components/states";
import { texts } from "@/lib/texts";
import { useLogin } from "@/queries/session";

/** E-mail and password; `again` when a login ended in the middle of work. */
export function LoginForm({ again = false, onDone }: { again?: boolean; onDone?: () => void }) {
  const login = useLogin();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    login.mutate({ email, password }, { onSuccess: () => onDone?.() });
  };
  return (
    <form className="stack" onSubmit={submit}>
      <h1>{texts.login.title}</h1>
      {again && <p className="notice warn">{texts.login.again}</p>}
      <Field label={texts.login.email}>
        {(ids) => (
          <input
            {...ids}
            type="email"
            autoComplete="username"
            required
            value={email}
            onChange={(event) => setEmail(event.target.value)}
          />
        )}
      </Field>
      <Field label={texts.login.password}>
        {(ids) => (
          <input
            {...ids}
            type="password"
            autoComplete="current-password"
            required
            value={password}
            onChange={(event) => setPassword(event.target.value)}
          />
        )}
      </Field>
      {login.error && <Problem error={login.error} />}
      <button type="submit" className="button primary" disabled={login.isPending}>
        {texts.login.submit}
      </button>
    </form>
  );
}
