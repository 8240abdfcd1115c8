import createClient, { type Middleware } from "openapi-fetch";
import type { components, paths } from "@/client/schema";

/** The shapes of the API, by name. */
export type Shapes = components["schemas"];

/** A refusal by the server, or no answer at all (`status` 0). */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly details: Record<string, unknown>,
  ) {
    super(message);
  }
}

let csrfToken = "";

/** Remember the token that unsafe requests carry. */
export function setCsrfToken(token: string | null): void {
  csrfToken = token ?? "";
}

/** The headers that an unsafe request must carry. */
export function csrfHeaders(): Record<string, string> {
  return { "X-CSRF": csrfToken };
}

const csrf: Middleware = {
  onRequest({ request }) {
    if (request.method !== "GET") request.headers.set("X-CSRF", csrfToken);
    return request;
  },
};

/** The typed client; only `queries/` and `lib/` use it. */
export const client = createClient<paths>({ baseUrl: window.location.origin });
client.use(csrf);

const listeners = new Set<() => void>();

/** Be told when a request was refused because the login has ended; returns how to stop listening. */
export function onLoginEnded(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The error that a response's JSON describes. */
export function toApiError(status: number, body: unknown): ApiError {
  if (status === 401) for (const listener of listeners) listener();
  const shape = (body ?? {}) as Partial<{ code: string; message: string; details: Record<string, unknown> }>;
  return new ApiError(
    status,
    shape.code ?? "unknown",
    shape.message ?? `The server answered ${status}.`,
    shape.details ?? {},
  );
}

type Answer<T> = Promise<{ data?: T; error?: unknown; response: Response }>;

/** The data of a response, or an `ApiError`. */
export async function unwrap<T>(answer: Answer<T>): Promise<T> {
  let settled: Awaited<Answer<T>>;
  try {
    settled = await answer;
  } catch {
    throw new ApiError(0, "offline", "The server does not answer.", {});
  }
  if (!settled.response.ok) throw toApiError(settled.response.status, settled.error);
  return settled.data as T;
}
