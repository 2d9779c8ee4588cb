import { Link } from "../frame/router";
import { Account } from "./settings/Account";
import { ApiKeys } from "./settings/ApiKeys";
import { Appearance } from "./settings/Appearance";
import { ProviderKeys } from "./settings/ProviderKeys";
import { Credits } from "./settings/Credits";
import { Missing } from "./Failures";

const parts: Array<[string, string, () => JSX.Element]> = [
  ["account", "Account", Account], ["provider-keys", "Provider keys", ProviderKeys],
  ["api-keys", "API keys", ApiKeys], ["appearance", "Appearance", Appearance],
  ["credits", "Credits", Credits],
];

export default function Settings({ part }: { part: string }) {
  const found = parts.find(([id]) => id === part);
  if (!found) return <Missing />;
  const Part = found[2];
  return (
    <div className="setg">
      <nav aria-label="Settings" className="setnav">
        {parts.map(([id, name]) => (
          <Link key={id} className="nav" href={`/settings/${id}`}
            aria-current={id === part ? "page" : undefined}>{name}</Link>))}
      </nav>
      <div className="col g24"><Part /></div>
    </div>);
}
