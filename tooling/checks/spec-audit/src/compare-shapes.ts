import type { AuditLog } from "./audit-log.ts";
import type { Document, Style } from "./document.ts";
import type { RawSchema } from "./raw-document.ts";
import { readShape } from "./shape.ts";
import type { Shape } from "./shape.ts";
import { compareVersions } from "./version.ts";

/** Compares our schemas with the vendor's, each pair of names once. */
export class ShapeComparison {
  readonly #log: AuditLog;
  readonly #style: Style;
  readonly #ours: Document;
  readonly #theirs: Document;
  readonly #done = new Set<string>();

  constructor(log: AuditLog, style: Style, ours: Document, theirs: Document) {
    this.#log = log;
    this.#style = style;
    this.#ours = ours;
    this.#theirs = theirs;
  }

  /** `place` names the schema where it has no name of its own, such as `downloadSession.create` and `body`. */
  compare(ourSchema: RawSchema, theirSchema: RawSchema, subject: string, what: string): void {
    const ours = readShape(ourSchema, this.#ours);
    const theirs = readShape(theirSchema, this.#theirs);
    const broken = theirs.broken ?? ours.broken;
    if (broken !== undefined) {
      this.#log.add(this.#style, subject, "broken", what, broken);
      return;
    }
    if (ours.name !== undefined && theirs.name !== undefined) {
      const pair = `${ours.name}\n${theirs.name}`;
      if (this.#done.has(pair)) return;
      this.#done.add(pair);
    }
    if (ours.name !== undefined) this.#log.subjects[this.#style].add(ours.name);
    const mapOf = theirs.mapOf ?? this.#legacyMap(theirs);
    if (ours.mapOf && mapOf) {
      this.compare(ours.mapOf, mapOf, subject, `${what} value`);
      return;
    }
    if (ours.type !== theirs.type || (ours.mapOf === undefined) !== (theirs.mapOf === undefined)) {
      this.#differs(subject, `${what} type`, describe(theirs), describe(ours));
      return;
    }
    if (ours.format !== undefined && theirs.format !== undefined && ours.format !== theirs.format) {
      this.#differs(subject, `${what} format`, theirs.format, ours.format);
    }
    this.#compareValues(ours, theirs, ours.name ?? subject, ours.name === undefined ? `${what} value` : "value");
    if (ours.element && theirs.element) this.compare(ours.element, theirs.element, subject, `${what} element`);
    if (ours.type === "object") this.#compareMembers(ours, theirs, ours.name ?? `${subject} ${what}`);
  }

  #compareMembers(ours: Shape, theirs: Shape, subject: string): void {
    for (const [name, theirMember] of theirs.members) {
      const ourMember = ours.members.get(name);
      const what = `member ${name}`;
      if (!ourMember) {
        this.#log.add(this.#style, subject, "lack", what);
        continue;
      }
      if (ours.required.has(name) !== theirs.required.has(name)) {
        this.#differs(subject, `${what} required`, optionality(theirs, name), optionality(ours, name));
      }
      this.#compareSince(ourMember, theirMember, subject, what);
      this.compare(ourMember, theirMember, subject, what);
    }
    for (const [name, ourMember] of ours.members) {
      if (theirs.members.has(name)) continue;
      this.#log.addExtra(this.#style, subject, `member ${name}`, readShape(ourMember, this.#ours).since);
    }
  }

  /** Where both sides say which version added a member, they must agree. */
  #compareSince(ourMember: RawSchema, theirMember: RawSchema, subject: string, what: string): void {
    const ours = readShape(ourMember, this.#ours).since;
    const theirs = readShape(theirMember, this.#theirs).since;
    if (ours !== undefined && theirs !== undefined && compareVersions(ours, theirs) !== 0) {
      this.#differs(subject, `${what} since`, theirs, ours);
    }
  }

  #compareValues(ours: Shape, theirs: Shape, subject: string, what: string): void {
    if (!theirs.values && !ours.values) return;
    const [ourValues, theirValues] = [new Set(ours.values), new Set(theirs.values)];
    for (const value of theirValues.difference(ourValues))
      this.#log.add(this.#style, subject, "lack", `${what} ${value}`);
    for (const value of ourValues.difference(theirValues))
      this.#log.add(this.#style, subject, "extra", `${what} ${value}`);
  }

  /** The legacy style writes a map as an array of objects with `key` and `value`. */
  #legacyMap(shape: Shape): RawSchema | undefined {
    if (this.#style !== "rest" || !shape.element) return undefined;
    const { members } = readShape(shape.element, this.#theirs);
    return members.size === 2 && members.has("key") ? members.get("value") : undefined;
  }

  #differs(subject: string, what: string, theirs: string, ours: string): void {
    this.#log.add(this.#style, subject, "differs", what, `the vendor says ${theirs}, we say ${ours}`);
  }
}

function describe(shape: Shape): string {
  if (shape.mapOf) return "map";
  return shape.name === undefined ? shape.type : `${shape.type} (${shape.name})`;
}

function optionality(shape: Shape, member: string): string {
  return shape.required.has(member) ? "required" : "optional";
}
