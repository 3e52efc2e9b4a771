// Why a number is as it is, or why there is none: the rows of each operation, stage by stage.

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { type Clock, clockText, minuteText } from "../clock";
import { read } from "../graphql";

interface Stage {
  readonly text: string;
  readonly rows: number;
}

interface Why {
  readonly metric: string;
  readonly sentence: string;
  readonly minutes: readonly number[];
  readonly stages: readonly Stage[];
  readonly parts: readonly { readonly operation: string; readonly stages: readonly Stage[]; readonly folded: number; readonly late: number }[];
  readonly vanishes_at: string | null;
  readonly received: { readonly sentence: string };
  readonly samples: Samples;
}

interface Samples {
  readonly is_on: boolean;
  readonly until: number;
  readonly passed: readonly string[];
  readonly refused: readonly string[];
  readonly refused_by: string | null;
}

const exact = (count: number) => count.toLocaleString("en"); // numbers that are compared with each other

/** A form that asks about one metric, and room for the answer. */
export function WhyForm({ metric, clock }: { readonly metric: string; readonly clock: Clock }): JSX.Element {
  const [service, setService] = useState("");
  const [answer, setAnswer] = useState<Why | string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    const asked = service.trim();
    const address = `rules/${encodeURIComponent(metric)}/why${asked ? `?${new URLSearchParams({ service: asked })}` : ""}`;
    setAnswer(await read<Why>(address).catch((error: Error) => error.message));
    setBusy(false);
  };
  return (
    <section aria-label={`Why is ${metric} so`}>
      <form class="why" onSubmit={submit} aria-busy={isBusy || undefined}>
        <button type="submit" class="ask">
          Why?
        </button>
        <label>
          for <input type="search" list="service-names" placeholder="all services" aria-label="Service" value={service} onInput={(event) => setService(event.currentTarget.value)} />
        </label>
      </form>
      <div class="answer" aria-live="polite">
        {typeof answer === "string" ? <p class="trouble">{answer}</p> : answer && <Answer why={answer} clock={clock} />}
      </div>
    </section>
  );
}

function Answer({ why, clock }: { readonly why: Why; readonly clock: Clock }): JSX.Element {
  const { sentence, minutes, stages, parts, vanishes_at: gone, received, samples, metric } = why;
  const operations = parts.length > 1 ? parts : []; // one alone says what the whole says
  const late = parts.reduce((sum, part) => sum + part.late, 0);
  return (
    <>
      <p class="sentence">
        {sentence}
        <MinutesText minutes={minutes} />
      </p>
      <Funnel stages={stages} gone={gone} />
      {late > 0 && <p class="end">{exact(late)} rows of these operations came after their minute was settled; they were folded all the same.</p>}
      {operations.map((part) => (
        <div key={part.operation}>
          <h4>
            {part.operation}: {exact(part.folded)} folded
          </h4>
          <Funnel stages={part.stages} gone={null} />
        </div>
      ))}
      <p class="end">{received.sentence}</p>
      <SamplesPart samples={samples} metric={metric} clock={clock} />
    </>
  );
}

function MinutesText({ minutes }: { readonly minutes: readonly number[] }): JSX.Element | null {
  const [first, last] = [minutes[0], minutes.at(-1)];
  if (first === undefined || last === undefined) return null;
  return <small> {first === last ? minuteText(first) : `${minuteText(first)} – ${minuteText(last)}`}</small>;
}

function Funnel({ stages, gone }: { readonly stages: readonly Stage[]; readonly gone: string | null }): JSX.Element {
  const most = Math.max(1, ...stages.map((stage) => stage.rows));
  return (
    <ol class="funnel">
      {stages.map((stage, at) => {
        const isGone = stage.text === gone;
        const lost = (stages[at - 1]?.rows ?? stage.rows) - stage.rows;
        return (
          <li key={stage.text} class={isGone ? "gone" : ""} style={`--share: ${((100 * stage.rows) / most).toFixed(2)}%`}>
            <span class="stage">{stage.text}</span>
            <span class="number">
              {isGone ? "0, here they vanish" : exact(stage.rows)}
              {lost > 0 && stage.rows > 0 && <small> −{exact(lost)}</small>}
            </span>
          </li>
        );
      })}
    </ol>
  );
}

function SamplesPart({ samples, metric, clock }: { readonly samples: Samples; readonly metric: string; readonly clock: Clock }): JSX.Element {
  const { is_on: isOn, until, passed, refused, refused_by: filter } = samples;
  const hasAny = isOn || passed.length > 0 || refused.length > 0;
  return (
    <>
      {isOn ? (
        <p class="hint">Example logs are kept until {clockText(clock, until * 1000).slice(11, 16)}. Ask again for newer ones.</p>
      ) : (
        <p class="hint">
          Example logs of this rule are not kept. Switch that on with <code>oap oal why {metric} --samples</code> and ask again.
        </p>
      )}
      {hasAny && (
        <div class="samples">
          <Logs kind="passed" title="Logs that counted" logs={passed} />
          <Logs kind="refused" title={filter ? `Logs that ${filter} refused` : "Logs that the last filter refused"} logs={refused} />
        </div>
      )}
    </>
  );
}

function Logs({ kind, title, logs }: { readonly kind: string; readonly title: string; readonly logs: readonly string[] }): JSX.Element {
  return (
    <div class={kind}>
      <h4>{title}</h4>
      {logs.length ? (
        <ul>
          {logs.map((log) => (
            <li key={log}>
              <pre>{log}</pre>
            </li>
          ))}
        </ul>
      ) : (
        <p class="nothing">none yet</p>
      )}
    </div>
  );
}
