import { useEffect, useState, type ReactNode } from "react";
import { ask } from "../frame/api";
import { credits } from "../frame/format";
import { Palette } from "../frame/palette";
import { reachable, refresh, useQuery } from "../frame/query";
import { Link, navigate, usePlace, type Route } from "../frame/router";
import { findPerson, person, signOut } from "../frame/session";
import { isDark, switchTheme } from "../frame/settings";
import { ShortcutSheet, useCommands, Keys, type Command } from "../frame/shortcuts";
import { complain } from "../frame/notices";
import { Store, useStore } from "../frame/store";
import { studios } from "../studios";
import { Bell } from "./Bell";
import { Icon, Mark, type IconName } from "./icons";
import { Banner, Bar, Status, Who } from "./states";

/** What the present screen says of its own connection; null where it has none. */
export const connection = new Store<ReactNode>(null);
/** What it calls itself, where the route does not know: the title of a run. */
export const heading = new Store<string | null>(null);

interface NavProps {
  to: string;
  icon: IconName;
  name: string;
  isHere: boolean;
  end?: ReactNode;
}

function Nav({ to, icon, name, isHere, end }: NavProps) {
  return (
    <Link className="nav" href={to} aria-current={isHere ? "page" : undefined}>
      <Icon name={icon} size={16} />{name}{end}
    </Link>);
}

export function useCounts() {
  const list = (state: string) => () => ask("GET /runs", { query: { state, limit: 50 } });
  const waiting = useQuery("runs/waiting", list("waiting"), 4_000);
  const running = useQuery("runs/running", list("running"), 4_000);
  return { waiting: waiting.data?.items.length ?? 0, running: running.data?.items.length ?? 0 };
}

function useFrameCommands(open: (what: "palette" | "keys") => void): void {
  const go = (id: string, name: string, keys: string, to: string, icon: IconName): Command =>
    ({ id, name, keys, group: "Go to", icon, run: () => navigate(to) });
  useCommands([
    { id: "palette", name: "Find anything", group: "Everywhere", keys: "Mod+K", icon: "search",
      run: () => open("palette") },
    { id: "keys", name: "All keyboard shortcuts", group: "Everywhere", keys: "?", icon: "info",
      run: () => open("keys") },
    ...studios.map((studio): Command => ({
      id: `new-${studio.id}`, name: studio.startName, group: "Start", keys: `N ${studio.key}`,
      icon: studio.icon, run: () => navigate(studio.start) })),
    go("home", "Home", "G H", "/", "home"),
    go("gates", "Gates waiting for you", "G W", "/gates", "gate"),
    go("runs", "Runs", "G R", "/runs", "runs"),
    go("templates", "Templates", "G T", "/templates", "templates"),
    go("settings", "Settings", "G S", "/settings", "settings"),
    { id: "provider-keys", name: "Provider keys", group: "Go to", icon: "key", hint: "Settings",
      run: () => navigate("/settings/provider-keys") },
    { id: "settings-keys", name: "API keys", group: "Go to", icon: "key", hint: "Settings",
      run: () => navigate("/settings/api-keys") },
    { id: "people", name: "People and workspaces", group: "Go to", icon: "people", hint: "Settings",
      run: () => navigate("/settings/people") },
    { id: "notifications", name: "Notifications", group: "Go to", icon: "bell", hint: "Settings",
      run: () => navigate("/settings/notifications") },
    { id: "theme", name: isDark() ? "Light theme" : "Dark theme", group: "Everywhere", icon: "sun",
      hint: "Appearance", run: switchTheme },
    { id: "sign-out", name: "Sign out", group: "Everywhere", icon: "out",
      run: () => void leave() },
  ]);
}

async function leave(): Promise<void> {
  try {
    await signOut();
    navigate("/");
  } catch (error) {
    complain("You are still signed in", error);
  }
}

function Side({ section }: { section: string }) {
  const me = useStore(person);
  const counts = useCounts();
  const money = useQuery("billing", () => ask("GET /billing/status"), 15_000).data;
  return (
    <nav className="side" aria-label="Main">
      <Link className="brand" href="/"><Mark /><span className="grow clip">Atelier</span></Link>
      <Link className="btn new-run" href={studios[0].start}>
        <Icon name="plus" size={14} />New run <span className="right row g4">
          <Keys keys={`N ${studios[0].key}`} /></span>
      </Link>
      <Nav to="/" icon="home" name="Home" isHere={section === "home"} />
      <Nav to="/gates" icon="gate" name="Gates" isHere={section === "gates"} end={
        counts.waiting > 0 &&
          <span className="count wait" aria-label={`${counts.waiting} waiting`}>
            {counts.waiting}</span>} />
      <Nav to="/runs" icon="runs" name="Runs" isHere={section === "runs"} end={
        counts.running > 0 &&
          <span className="count" aria-label={`${counts.running} running`}>
            {counts.running}</span>} />
      <div className="nav-label">Studios</div>
      {studios.map((studio) => (
        <Nav key={studio.id} to={studio.start} icon={studio.icon} name={studio.name}
          isHere={section === studio.id} />))}
      <div className="nav-label">Library</div>
      <Nav to="/templates" icon="templates" name="Templates" isHere={section === "templates"} />
      <div className="nav-label">Manage</div>
      <Nav to="/settings" icon="settings" name="Settings" isHere={section === "settings"} />
      <div className="side-foot">
        {money && <Credits plan={money.plan} {...money.credits} />}
        <Link className="row side-me" href="/settings/account">
          <Who name={me?.name ?? ""} pigment="slate" isLarge
            letter={initials(me?.name ?? me?.email ?? "")} />
          <span className="grow clip md">{me?.name || me?.email}</span>
        </Link>
      </div>
    </nav>);
}

function Credits(props: {
  plan: string; available: number; held: number; granted: number; unlimited: boolean;
}) {
  const plan = props.plan[0].toUpperCase() + props.plan.slice(1);
  if (props.unlimited) {
    return (
      <span className="side-credits row between xs t3">
        <span>{plan}</span><span className="num">unlimited credits</span>
      </span>);
  }
  const total = Math.max(props.granted, props.available + props.held, 1);
  const used = total - props.available;
  return (
    <span className="side-credits">
      <span className="row between xs t3">
        <span>{plan}</span>
        <span className="num">{credits(props.available)} of {credits(total)} left</span>
      </span>
      <Bar part={used / total} label={`${credits(used)} of ${credits(total)} credits used`} />
    </span>);
}

function initials(name: string): string {
  const parts = name.split(/\s+/).filter(Boolean);
  return parts.slice(0, 2).map((part) => [...part][0]?.toUpperCase() ?? "").join("");
}

function Tabs({ section }: { section: string }) {
  const { waiting } = useCounts();
  const tab = (to: string, icon: IconName, name: string, at: string, badge = 0) => (
    <Link href={to} aria-current={section === at ? "page" : undefined}>
      <Icon name={icon} size={18} />{name}
      {badge > 0 && <span className="badge" aria-label={`${badge} waiting`}>{badge}</span>}
    </Link>);
  return (
    <nav className="tabbar" aria-label="Main, compact">
      {tab("/", "home", "Home", "home")}
      {tab("/gates", "gate", "Gates", "gates", waiting)}
      {tab(studios[0].start, "plus", "New", studios[0].id)}
      {tab("/runs", "runs", "Runs", "runs")}
      {tab("/settings", "menu", "More", "settings")}
    </nav>);
}

/** The banner of a server that does not answer, with the time of the next try. */
function AwayBanner() {
  const isThere = useStore(reachable);
  useEffect(() => {
    if (isThere) return undefined;
    const timer = setInterval(() => refresh(""), 3_000);
    return () => clearInterval(timer);
  }, [isThere]);
  if (isThere) return null;
  return (
    <Banner kind="wait" icon="warning" role="status" end={
      <button type="button" className="btn sm" onClick={() => refresh("")}>Try now</button>}>
      <b>The server does not answer.</b> Runs go on without you; what you see may be old.
    </Banner>);
}

/** All that stands around a screen of somebody who is signed in. */
export function Shell({ route, children }: { route: Route; children: ReactNode }) {
  const [overlay, setOverlay] = useState<"palette" | "keys" | null>(null);
  const me = useStore(person);
  const { path } = usePlace();
  const line = useStore(connection);
  const isThere = useStore(reachable);
  useFrameCommands(setOverlay);
  useEffect(() => setOverlay(null), [path]);
  useEffect(() => {
    const look = () => document.visibilityState === "visible" && void findPerson();
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, []);
  const section = route.section ?? "";
  return (
    <div className="app">
      <a className="skip" href="#main">Skip to content</a>
      <Side section={section} />
      <div className="main">
        <header className="topbar">
          <nav className="crumbs" aria-label="Breadcrumb">
            {(route.crumbs ?? []).map((crumb) => (
              <span className="row g6" key={crumb.to}>
                <Link href={crumb.to}>{crumb.name}</Link><Icon name="right" size={11} />
              </span>))}
            <b aria-current="page" dir="auto">{useStore(heading) ?? route.title}</b>
          </nav>
          <span className="right row g12">
            {line ?? <Status state={isThere ? "idle" : "waiting"}
              word={isThere ? "Connected" : "No answer"} />}
            <button type="button" className="search" onClick={() => setOverlay("palette")}
              aria-label="Search or run a command">
              <Icon name="search" size={14} /><span className="sm">Search or jump to</span>
              <span className="right row g4"><Keys keys="Mod+K" /></span>
            </button>
            <button type="button" className="btn icon ghost sm only-s" aria-label="Search"
              onClick={() => setOverlay("palette")}><Icon name="search" /></button>
            <span className="row g4">
              <Bell key={me?.id} />
              <button type="button" className="btn icon ghost sm" aria-label="Switch theme"
                onClick={switchTheme}><Icon name="sun" /></button>
            </span>
          </span>
        </header>
        <AwayBanner />
        <main id="main" tabIndex={-1} className={route.isFlush ? "page flush" : "page"}>
          {children}
        </main>
      </div>
      <Tabs section={section} />
      {overlay === "palette" && <Palette onClose={() => setOverlay(null)} />}
      {overlay === "keys" && <ShortcutSheet onClose={() => setOverlay(null)} />}
    </div>);
}
