import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Problem } from "@/components/states";
import type { Shapes } from "@/lib/api";
import { day } from "@/lib/format";
import { keysQuery, useCreateKey, useRevokeKey } from "@/queries/project-admin";
import { ShownOnce } from "./shown-once";
import { texts } from "./texts";

/** Keys of applications and scripts; the secret is shown once. */
export function KeysCard({ project, role: own }: { project: string; role: Shapes["Role"] }) {
  const keys = useQuery(keysQuery(project));
  const create = useCreateKey(project);
  const revoke = useRevokeKey(project);
  const [name, setName] = useState("");
  const [role, setRole] = useState<Shapes["Role"]>(own);
  const mine = texts.roles.slice(texts.roles.indexOf(own));
  const make = (event: FormEvent) => {
    event.preventDefault();
    create.mutate({ name, role }, { onSuccess: () => setName("") });
  };
  return (
    <section className="card stack tight" aria-labelledby="keys">
      <h2 id="keys">{texts.keys}</h2>
      <form className="row" onSubmit={make}>
        <label className="row small">
          {texts.keyName}
          <input required value={name} onChange={(event) => setName(event.target.value)} />
        </label>
        <label className="row small">
          {texts.role}
          <select
            className="narrow"
            value={role}
            onChange={(event) => setRole(event.target.value as Shapes["Role"])}
          >
            {mine.map((choice) => (
              <option key={choice}>{choice}</option>
            ))}
          </select>
        </label>
        <button type="submit" className="button" disabled={create.isPending}>
          {texts.createKey}
        </button>
      </form>
      {create.data && <ShownOnce secret={create.data.key} />}
      {(create.error ?? revoke.error ?? keys.error) && (
        <Problem error={create.error ?? revoke.error ?? keys.error} />
      )}
      <ul className="lines">
        {keys.data?.map((key) => (
          <li key={key.id} className="row apart">
            <span>
              {key.name} <code className="small">{key.prefix}…</code>{" "}
              <span className="badge">{key.role}</span>
            </span>
            <span className="row small muted">
              {key.revoked_at ? texts.revoked : texts.lastUsed(key.last_used_at && day(key.last_used_at))}
              {!key.revoked_at && (
                <button type="button" className="button quiet small" onClick={() => revoke.mutate(key.id)}>
                  {texts.revoke}
                </button>
              )}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
