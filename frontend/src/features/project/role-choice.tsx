import { mayGive, type Role } from "./roles";
import { texts } from "./texts";

interface RoleChoiceProps {
  own: Role;
  value: Role;
  onChange: (role: Role) => void;
  id?: string;
  label?: string;
  disabled?: boolean;
}

/** The roles that I may hand out, each with what it may do. */
export function RoleChoice({ own, value, onChange, id, label, disabled = false }: RoleChoiceProps) {
  const roles = mayGive(own);
  return (
    <select
      id={id}
      className="narrow"
      aria-label={label}
      title={texts.roles[value]}
      value={value}
      disabled={disabled}
      onChange={(event) => onChange(event.target.value as Role)}
    >
      {(roles.includes(value) ? roles : [value]).map((role) => (
        <option key={role} value={role} title={texts.roles[role]}>
          {role}
        </option>
      ))}
    </select>
  );
}
