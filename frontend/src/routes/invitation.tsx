import { useNavigate } from "@tanstack/react-router";
import { AcceptForm } from "@/features/session/accept-form";

/** Joining by invitation. */
export function Invitation() {
  const navigate = useNavigate();
  return (
    <main className="centre">
      <AcceptForm token={window.location.hash.slice(1)} onDone={() => navigate({ to: "/" })} />
    </main>
  );
}
