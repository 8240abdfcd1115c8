import { useQuery } from "@tanstack/react-query";
import { Problem, Skeleton } from "@/components/states";
import { membersQuery, useRemoveMember, useSetRole } from "@/queries/project-admin";
import { sessionQuery } from "@/queries/session";
import { RoleChoice } from "./role-choice";
import { covers, type Role } from "./roles";
import { texts } from "./texts";

/** Who belongs to the project, as what. */
export function MembersCard({ project, own }: { project: string; own: Role }) {
  const members = useQuery(membersQuery(project));
  const me = useQuery(sessionQuery).data?.user.id;
  const setRole = useSetRole(project);
  const remove = useRemoveMember(project);
  const manages = covers(own, "admin");
  const failed = setRole.error ?? remove.error;
  return (
    <section className="card stack tight" aria-labelledby="members">
      <h2 id="members">{texts.members}</h2>
      {members.isPending && <Skeleton />}
      {members.error && <Problem error={members.error} retry={() => members.refetch()} />}
      {failed && <Problem error={failed} />}
      <ul className="lines">
        {members.data?.map(({ user, role }) => (
          <li key={user.id} className="row apart">
            <span className="who">
              {user.name} {user.id === me && <span className="badge">{texts.you}</span>}{" "}
              <span className="small muted">{user.email}</span>
            </span>
            {manages ? (
              <span className="row">
                <RoleChoice
                  own={own}
                  label={texts.roleOf(user.name)}
                  value={role}
                  disabled={!covers(own, role) || setRole.isPending}
                  onChange={(chosen) => setRole.mutate({ user: user.id, role: chosen })}
                />
                <button
                  type="button"
                  className="button quiet small"
                  aria-label={texts.removeName(user.name)}
                  disabled={!covers(own, role) || remove.isPending}
                  onClick={() => window.confirm(texts.removeSure(user.name)) && remove.mutate(user.id)}
                >
                  {texts.remove}
                </button>
              </span>
            ) : (
              <span className="badge" title={texts.roles[role]}>
                {role}
              </span>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
