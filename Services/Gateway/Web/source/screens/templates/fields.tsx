import type { ReactNode } from "react";
import { full } from "../../frame/problem";
import { Field } from "../../parts/states";
import type { Model } from "../../studios/write/plan";
import { faultAt, type Fault, type TemplateFile } from "./shape";

export interface InspectorProps {
  file: TemplateFile;
  chosen: string;
  faults: Fault[];
  models: Model[];
  change: (file: TemplateFile) => void;
  choose: (pointer: string) => void;
}

/** A field with what is wrong with it, by its place in the file. */
export function At(props: InspectorProps & {
  id: string; label: string; pointer: string; hint?: string; children: ReactNode;
}) {
  const fault = faultAt(props.faults, props.pointer);
  return (
    <Field id={props.id} label={props.label} hint={props.hint}
      error={fault ? full(`This ${fault}`) : undefined}>{props.children}</Field>);
}

/** What ties a field to its error and its hint. */
export function said(id: string, faults: Fault[], pointer: string) {
  return { id, "aria-invalid": faultAt(faults, pointer) !== undefined,
    "aria-describedby": `${id}-error ${id}-hint` };
}

export const numberOf = (text: string): number | undefined => (text === "" ? undefined : Number(text));
