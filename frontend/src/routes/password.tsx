import { useNavigate, useParams } from "@tanstack/react-router";
import { Page } from "@/components/page";
import { PasswordForm } from "@/features/session/password-form";
import { texts } from "@/lib/texts";

/** Changing one's password. */
export default function Password() {
  const { project } = useParams({ from: "/$project/password" });
  const navigate = useNavigate();
  return (
    <Page title={texts.frame.changePassword}>
      <div className="card">
        <PasswordForm
          forced={false}
          onDone={() => navigate({ to: "/$project/prompts", params: { project } })}
        />
      </div>
    </Page>
  );
}
