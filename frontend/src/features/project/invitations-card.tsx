import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Problem } from "@/components/states";
import type { Shapes } from "@/lib/api";
import { day } from "@/lib/format";
import { invitationsQuery, useInvite, useWithdraw } from "@/queries/project-admin";
import { ShownOnce } from "./shown-once";
import { texts } from "./texts";

/** Inviting people; the link is shown once. */
export function InvitationsCard({ project }: { project: string }) {
  const invitations = useQuery(invitationsQuery(project));
  const invite = useInvite(project);
  const withdraw = useWithdraw(project);
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<Shapes["Role"]>("annotator");
  const send = (event: FormEvent) => {
    event.preventDefault();
    invite.mutate({ email, role }, { onSuccess: () => setEmail("") });
  };
  return (
    <section className="card stack tight" aria-labelledby="invitations">
      <h2 id="invitations">{texts.invitations}</h2>
      <form className="row" onSubmit={send}>
        <label className="row small">
          {texts.email}
          <input type="email" required value={email} onChange={(event) => setEmail(event.target.value)} />
        </label>
        <label className="row small">
          {texts.role}
          <select
            className="narrow"
            value={role}
            onChange={(event) => setRole(event.target.value as Shapes["Role"])}
          >
            {texts.roles.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <button type="submit" className="button" disabled={invite.isPending}>
          {texts.invite}
        </button>
      </form>
      {invite.data && <ShownOnce secret={invite.data.url} />}
      {(invite.error ?? withdraw.error) && <Problem error={invite.error ?? withdraw.error} />}
      <ul className="lines">
        {invitations.data?.map((row) => (
          <li key={row.id} className="row apart">
            <span>
              {row.email} <span className="badge">{row.role}</span>
            </span>
            <span className="row small muted">
              {row.accepted_at ? texts.accepted : texts.openUntil(day(row.expires_at))}
              {!row.accepted_at && (
                <button type="button" className="button quiet small" onClick={() => withdraw.mutate(row.id)}>
                  {texts.withdraw}
                </button>
              )}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
