import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Field } from "@/components/field";
import { Problem, Skeleton } from "@/components/states";
import type { Shapes } from "@/lib/api";
import { day } from "@/lib/format";
import { keysQuery, useCreateKey, useRevokeKey } from "@/queries/project-admin";
import { RoleChoice } from "./role-choice";
import type { Role } from "./roles";
import { ShownOnce } from "./shown-once";
import { texts } from "./texts";

/** Keys of applications and scripts; the secret is shown once. */
export function KeysCard({ project, own }: { project: string; own: Role }) {
  const create = useCreateKey(project);
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("viewer");
  const make = (event: FormEvent) => {
    event.preventDefault();
    create.mutate({ name, role }, { onSuccess: () => setName("") });
  };
  return (
    <section className="card stack tight" aria-labelledby="keys">
      <h2 id="keys">{texts.keys}</h2>
      <p className="small muted">{texts.keysWhy}</p>
      <form className="one-line" onSubmit={make}>
        <Field label={texts.keyName}>
          {(ids) => (
            <input
              {...ids}
              required
              maxLength={200}
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
        <Field label={texts.role}>
          {(ids) => <RoleChoice {...ids} own={own} value={role} onChange={setRole} />}
        </Field>
        <button type="submit" className="button" disabled={create.isPending}>
          {texts.createKey}
        </button>
      </form>
      {create.error && <Problem error={create.error} />}
      {create.data && (
        <ShownOnce key={create.data.id} title={texts.onceKey(create.data.name)} secret={create.data.key} />
      )}
      <KeyList project={project} />
    </section>
  );
}

function KeyList({ project }: { project: string }) {
  const keys = useQuery(keysQuery(project));
  const revoke = useRevokeKey(project);
  return (
    <>
      {keys.isPending && <Skeleton lines={2} />}
      {keys.error && <Problem error={keys.error} retry={() => keys.refetch()} />}
      {revoke.error && <Problem error={revoke.error} />}
      {keys.data?.length === 0 && (
        <>
          <p className="small muted">{texts.noKeys}</p>
          <pre>{`curl -H "Authorization: Bearer $REDRAFT_KEY" ${window.location.origin}/v1/models`}</pre>
        </>
      )}
      <ul className="lines">
        {keys.data?.map((key) => (
          <li key={key.id} className="row apart">
            <span className="who">
              {key.name} <code className="small">{key.prefix}…</code>{" "}
              <span className="badge">{key.role}</span>
            </span>
            <span className="row small muted">
              {standing(key)}
              {!key.revoked_at && (
                <button
                  type="button"
                  className="button quiet small"
                  aria-label={texts.revokeName(key.name)}
                  disabled={revoke.isPending}
                  onClick={() => window.confirm(texts.revokeSure(key.name)) && revoke.mutate(key.id)}
                >
                  {texts.revoke}
                </button>
              )}
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}

function standing(key: Shapes["KeyShape"]): string {
  return key.revoked_at ? texts.revoked : texts.lastUsed(key.last_used_at && day(key.last_used_at));
}
