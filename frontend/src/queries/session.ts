import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { ApiError, client, type Shapes, setCsrfToken, unwrap } from "@/lib/api";

export type Session = Shapes["SessionShape"];

/** Who is logged in; null when nobody is. */
export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: async (): Promise<Session | null> => {
    try {
      const session = await unwrap(client.GET("/api/session"));
      setCsrfToken(session.csrf_token);
      return session;
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return null;
      throw error;
    }
  },
  staleTime: 60_000,
});

function useEntering<T>(enter: (body: T) => Promise<Session>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: enter,
    onSuccess: (session) => {
      setCsrfToken(session.csrf_token);
      queries.setQueryData(sessionQuery.queryKey, session);
    },
  });
}

/** Log in. */
export const useLogin = () =>
  useEntering((body: Shapes["LoginBody"]) => unwrap(client.POST("/api/login", { body })));

/** Join by invitation. */
export const useAccept = () =>
  useEntering((body: Shapes["AcceptBody"]) => unwrap(client.POST("/api/invitations/accept", { body })));

/** Log out and forget everything that was loaded: the page begins anew. */
export function useLogout() {
  return useMutation({
    mutationFn: () => unwrap(client.POST("/api/logout")),
    onSettled: () => window.location.assign("/"),
  });
}

/** Choose a new password. */
export function useChangePassword() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Shapes["PasswordBody"]) => unwrap(client.POST("/api/password", { body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: sessionQuery.queryKey }),
  });
}
