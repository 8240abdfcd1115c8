import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { client, type Shapes, unwrap } from "@/lib/api";

const at = (project: string) => ({ params: { path: { project } } });

export const membersQuery = (project: string) =>
  queryOptions({
    queryKey: ["project", project, "members"],
    queryFn: () => unwrap(client.GET("/api/projects/{project}/members", at(project))),
  });

export const invitationsQuery = (project: string) =>
  queryOptions({
    queryKey: ["project", project, "invitations"],
    queryFn: () => unwrap(client.GET("/api/projects/{project}/invitations", at(project))),
  });

export const keysQuery = (project: string) =>
  queryOptions({
    queryKey: ["project", project, "keys"],
    queryFn: () => unwrap(client.GET("/api/projects/{project}/keys", at(project))),
  });

export const activityQuery = (project: string) =>
  queryOptions({
    queryKey: ["project", project, "activity"],
    queryFn: () => unwrap(client.GET("/api/projects/{project}/activity", at(project))),
  });

function useChanging<T, R>(project: string, change: (body: T) => Promise<R>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: () => queries.invalidateQueries({ queryKey: ["project", project] }),
  });
}

export const useChangeProject = (project: string) =>
  useChanging(project, (body: Shapes["ProjectPatch"]) =>
    unwrap(client.PATCH("/api/projects/{project}", { ...at(project), body })),
  );

export const useSetRole = (project: string) =>
  useChanging(project, ({ user, role }: { user: number; role: Shapes["Role"] }) =>
    unwrap(
      client.PATCH("/api/projects/{project}/members/{user_id}", {
        params: { path: { project, user_id: user } },
        body: { role },
      }),
    ),
  );

export const useRemoveMember = (project: string) =>
  useChanging(project, (user: number) =>
    unwrap(
      client.DELETE("/api/projects/{project}/members/{user_id}", {
        params: { path: { project, user_id: user } },
      }),
    ),
  );

export const useInvite = (project: string) =>
  useChanging(project, (body: Shapes["InvitationBody"]) =>
    unwrap(client.POST("/api/projects/{project}/invitations", { ...at(project), body })),
  );

export const useWithdraw = (project: string) =>
  useChanging(project, (invitation: number) =>
    unwrap(
      client.DELETE("/api/projects/{project}/invitations/{invitation_id}", {
        params: { path: { project, invitation_id: invitation } },
      }),
    ),
  );

export const useCreateKey = (project: string) =>
  useChanging(project, (body: Shapes["KeyBody"]) =>
    unwrap(client.POST("/api/projects/{project}/keys", { ...at(project), body })),
  );

export const useRevokeKey = (project: string) =>
  useChanging(project, (key: number) =>
    unwrap(
      client.DELETE("/api/projects/{project}/keys/{key_id}", { params: { path: { project, key_id: key } } }),
    ),
  );
