import { useQuery } from "@tanstack/react-query";
import { Problem, Skeleton } from "@/components/states";
import type { Shapes } from "@/lib/api";
import { membersQuery, useRemoveMember, useSetRole } from "@/queries/project-admin";
import { texts } from "./texts";

/** Who belongs to the project, as what. */
export function MembersCard({ project, manages }: { project: string; manages: boolean }) {
  const members = useQuery(membersQuery(project));
  const setRole = useSetRole(project);
  const remove = useRemoveMember(project);
  const problem = members.error ?? setRole.error ?? remove.error;
  return (
    <section className="card stack tight" aria-labelledby="members">
      <h2 id="members">{texts.members}</h2>
      {members.isPending && <Skeleton />}
      {problem && <Problem error={problem} />}
      <ul className="lines">
        {members.data?.map(({ user, role }) => (
          <li key={user.id} className="row apart">
            <span>
              {user.name} <span className="small muted">{user.email}</span>
            </span>
            {manages ? (
              <span className="row">
                <select
                  className="narrow"
                  aria-label={`${texts.role} ${user.name}`}
                  value={role}
                  onChange={(event) =>
                    setRole.mutate({ user: user.id, role: event.target.value as Shapes["Role"] })
                  }
                >
                  {texts.roles.map((name) => (
                    <option key={name}>{name}</option>
                  ))}
                </select>
                <button
                  type="button"
                  className="button quiet small"
                  onClick={() => window.confirm(texts.removeSure(user.name)) && remove.mutate(user.id)}
                >
                  {texts.remove}
                </button>
              </span>
            ) : (
              <span className="badge">{role}</span>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
