import { Suspense, lazy, useEffect, useRef, type ComponentType } from "react";
import { Link } from "../frame/router";
import { Skeleton } from "../parts/states";
import { Missing } from "./Failures";
import { Account } from "./settings/Account";
import { ApiKeys } from "./settings/ApiKeys";
import { Appearance } from "./settings/Appearance";
import { Credits } from "./settings/Credits";
import { ProviderKeys } from "./settings/ProviderKeys";

const Notifications = lazy(() => import("./settings/Notifications"));
const People = lazy(() => import("./settings/people/People"));
const Workspace = lazy(() => import("./settings/people/Workspace"));

const parts: Array<[string, string, ComponentType]> = [
  ["account", "Account", Account], ["provider-keys", "Provider keys", ProviderKeys],
  ["api-keys", "API keys", ApiKeys], ["notifications", "Notifications", Notifications],
  ["appearance", "Appearance", Appearance], ["people", "People", People],
  ["credits", "Credits", Credits],
];

/** `workspace` is the one that the part “people” shows. */
export default function Settings({ part, workspace }: { part: string; workspace?: string }) {
  const nav = useRef<HTMLElement>(null);
  useEffect(() => {
    // On a narrow screen the parts are one row, and the present one may lie beside it.
    nav.current?.querySelector("[aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });
  }, [part]);
  const found = parts.find(([id]) => id === part);
  if (!found) return <Missing />;
  const Part = found[2];
  return (
    <div className="setg">
      <nav ref={nav} aria-label="Settings" className="setnav">
        {parts.map(([id, name]) => (
          <Link key={id} className="nav" href={`/settings/${id}`}
            aria-current={id === part ? "page" : undefined}>{name}</Link>))}
      </nav>
      <div className="col g24">
        <Suspense fallback={<Skeleton label="Loading" />}>
          {workspace ? <Workspace key={workspace} id={workspace} /> : <Part />}
        </Suspense>
      </div>
    </div>);
}
