// Ids of entities carry their names: `base64(name).1` of a service, `<service id>_base64(name)` of what it has.

export interface ServiceName {
  readonly name: string;
  readonly normal: boolean;
}

export function serviceOf(id: string): ServiceName {
  const at = id.lastIndexOf(".");
  return { name: textOf(at < 0 ? id : id.slice(0, at)), normal: id.endsWith(".1") };
}

/** Name of an instance or endpoint. */
export function memberName(id: string): string {
  return textOf(id.slice(id.indexOf("_") + 1));
}

/** A Kubernetes service name as its own part and its namespace. */
export function splitName(name: string): readonly [string, string] {
  const at = name.lastIndexOf(".");
  return at > 0 ? [name.slice(0, at), name.slice(at + 1)] : [name, ""];
}

/** What is no text in base64 stands for itself, as wrong links have it. */
function textOf(base64: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(atob(base64), (char) => char.charCodeAt(0)));
  } catch {
    return base64;
  }
}
