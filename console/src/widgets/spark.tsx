// A line as small as a word.

import type { JSX } from "preact";
import type { Point } from "../expressions";

const [WIDTH, HEIGHT] = [72, 20];

export function Spark({ points }: { readonly points: readonly Point[] }): JSX.Element {
  const most = Math.max(...points.map((point) => point.value ?? 0), Number.MIN_VALUE);
  const step = WIDTH / Math.max(1, points.length - 1);
  let isDown = false;
  const path = points
    .map(({ value }, at) => {
      if (value === null) {
        isDown = false;
        return "";
      }
      const command = isDown ? "L" : "M";
      isDown = true;
      return `${command}${(at * step).toFixed(1)},${(HEIGHT - 1 - (Math.max(0, value) / most) * (HEIGHT - 3)).toFixed(1)}`;
    })
    .join("");
  return (
    <svg class="spark" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width={WIDTH} height={HEIGHT} aria-hidden="true">
      <path d={path} />
    </svg>
  );
}
