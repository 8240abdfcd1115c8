import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Field } from "@/components/field";
import { Problem, Skeleton } from "@/components/states";
import type { Shapes } from "@/lib/api";
import { day } from "@/lib/format";
import { invitationsQuery, useInvite, useWithdraw } from "@/queries/project-admin";
import { RoleChoice } from "./role-choice";
import type { Role } from "./roles";
import { ShownOnce } from "./shown-once";
import { texts } from "./texts";

/** Inviting people; the link is shown once. */
export function InvitationsCard({ project, own }: { project: string; own: Role }) {
  const invitations = useQuery(invitationsQuery(project));
  const invite = useInvite(project);
  const withdraw = useWithdraw(project);
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<Role>("annotator");
  const send = (event: FormEvent) => {
    event.preventDefault();
    invite.mutate({ email, role }, { onSuccess: () => setEmail("") });
  };
  return (
    <section className="card stack tight" aria-labelledby="invitations">
      <h2 id="invitations">{texts.invitations}</h2>
      <p className="small muted">{texts.invitationsWhy}</p>
      <form className="one-line" onSubmit={send}>
        <Field label={texts.email}>
          {(ids) => (
            <input
              {...ids}
              type="email"
              required
              autoComplete="off"
              value={email}
              onChange={(event) => setEmail(event.target.value)}
            />
          )}
        </Field>
        <Field label={texts.role}>
          {(ids) => <RoleChoice {...ids} own={own} value={role} onChange={setRole} />}
        </Field>
        <button type="submit" className="button" disabled={invite.isPending}>
          {texts.invite}
        </button>
      </form>
      {invite.error && <Problem error={invite.error} />}
      {invite.data && (
        <ShownOnce
          key={invite.data.id}
          title={texts.onceFor(invite.data.email)}
          secret={linkOf(invite.data.url)}
        />
      )}
      {invitations.isPending && <Skeleton lines={2} />}
      {invitations.error && <Problem error={invitations.error} retry={() => invitations.refetch()} />}
      {withdraw.error && <Problem error={withdraw.error} />}
      {invitations.data?.length === 0 && <p className="small muted">{texts.noInvitations}</p>}
      <ul className="lines">
        {invitations.data?.map((row) => (
          <li key={row.id} className="row apart">
            <span className="who">
              {row.email} <span className="badge">{row.role}</span>
            </span>
            <span className="row small muted">
              {standing(row)}
              {!row.accepted_at && (
                <button
                  type="button"
                  className="button quiet small"
                  aria-label={texts.withdrawName(row.email)}
                  disabled={withdraw.isPending}
                  onClick={() => withdraw.mutate(row.id)}
                >
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

function standing(row: Shapes["InvitationShape"]): string {
  if (row.accepted_at) return texts.accepted;
  const ended = new Date(row.expires_at) < new Date();
  return ended ? texts.expired(day(row.expires_at)) : texts.openUntil(day(row.expires_at));
}

/** The link as the server made it; its address may be relative. */
function linkOf(url: string): string {
  return new URL(url, window.location.origin).href;
}
