// The server's clock and calendar: durations are told in its time zone, whatever the zone of the browser.

export interface TimeInfo {
  readonly timezone: string;
  readonly currentTimestamp: number;
}

/** Offsets in milliseconds: the server's clock less ours, and its zone's less UTC. */
export interface Clock {
  readonly skewMs: number;
  readonly zoneMs: number;
}

export const UNSET: Clock = { skewMs: 0, zoneMs: 0 };

export function clockOf({ timezone, currentTimestamp }: TimeInfo, nowMs: number): Clock {
  const sign = timezone.startsWith("-") ? -1 : 1;
  const zoneMs = sign * (Number(timezone.slice(1, 3)) * 60 + Number(timezone.slice(3, 5))) * 60_000;
  return { skewMs: currentTimestamp - nowMs, zoneMs };
}

export function serverNow(clock: Clock): number {
  return Date.now() + clock.skewMs;
}

/** `yyyy-MM-dd HH:mm:ss` of a moment on the server's wall. */
export function clockText(clock: Clock, epochMs: number): string {
  return new Date(epochMs + clock.zoneMs).toISOString().slice(0, 19).replace("T", " ");
}

/** `HH:mm` of a minute bucket such as 202601011231. */
export function minuteText(bucket: number): string {
  const text = String(bucket);
  return `${text.slice(8, 10)}:${text.slice(10, 12)}`;
}
