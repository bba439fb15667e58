/** One line of a chart. Points in ascending order of x. */
export interface Series { readonly name: string; readonly points: readonly (readonly [x: number, y: number])[] }

export interface Chart {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly series: readonly Series[];
  /** Powers of ten instead of even steps; values below 1 are drawn at 1. @default false */
  readonly logarithmic?: boolean;
  /** Where the axis of y ends. @default the largest value */
  readonly top?: number;
}

const [width, height] = [760, 340];
const field = { left: 66, right: 740, top: 62, bottom: 290 };
/** Told apart by those who do not see colours too (Okabe and Ito, 2008), and by their dashes. */
const strokes = [["#0072b2", ""], ["#d55e00", "6 3"], ["#009e73", "2 3"], ["#555555", "10 3 2 3"]] as const;

/** A picture of some curves: an SVG of a few kB without scripts, fonts or anything from elsewhere. */
export function chart({ title, x, y, series, logarithmic = false, top }: Chart): string {
  const points = series.flatMap((one) => one.points);
  const right = Math.max(...points.map(([at]) => at));
  const left = Math.min(...points.map(([at]) => at));
  const highest = top ?? Math.max(...points.map(([, value]) => value));
  const ceiling = logarithmic ? 10 ** Math.ceil(Math.log10(highest)) : highest;
  const across = (at: number): number => field.left + ((at - left) / (right - left)) * (field.right - field.left);
  const up = (value: number): number => {
    const share = logarithmic ? Math.log10(Math.max(1, value)) / Math.log10(ceiling) : Math.min(value, ceiling) / ceiling;
    return field.bottom - share * (field.bottom - field.top);
  };
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}" font-family="sans-serif" font-size="12" fill="#222222">`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    label(field.left, 22, title, 'font-size="15" font-weight="bold"'),
    ...(logarithmic ? powers(ceiling) : steps(0, ceiling)).flatMap((value) => [
      line(field.left, up(value), field.right, up(value), "#dddddd"),
      label(field.left - 8, up(value) + 4, short(value), 'text-anchor="end"'),
    ]),
    ...steps(left, right).flatMap((at) => [line(across(at), field.bottom, across(at), field.bottom + 5, "#222222"), label(across(at), field.bottom + 19, short(at), 'text-anchor="middle"')]),
    line(field.left, field.bottom, field.right, field.bottom, "#222222"),
    label((field.left + field.right) / 2, height - 10, x, 'text-anchor="middle"'),
    `<text transform="translate(16 ${(field.top + field.bottom) / 2}) rotate(-90)" text-anchor="middle">${escaped(y)}</text>`,
    ...series.flatMap((one, at) => drawn(one, at, across, up)),
    "</svg>", "",
  ].join("\n");
}

function drawn({ name, points }: Series, at: number, across: (x: number) => number, up: (y: number) => number): readonly string[] {
  const [colour, dash] = strokes[at % strokes.length] ?? strokes[0];
  const path = points.map(([x, y]) => `${across(x).toFixed(1)},${up(y).toFixed(1)}`).join(" ");
  const from = field.left + at * 200;
  return [
    `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2" stroke-dasharray="${dash}"/>`,
    `<line x1="${from}" y1="42" x2="${from + 24}" y2="42" stroke="${colour}" stroke-width="2" stroke-dasharray="${dash}"/>`,
    label(from + 30, 46, name),
  ];
}

function line(x1: number, y1: number, x2: number, y2: number, stroke: string): string {
  return `<line x1="${x1.toFixed(1)}" y1="${y1.toFixed(1)}" x2="${x2.toFixed(1)}" y2="${y2.toFixed(1)}" stroke="${stroke}"/>`;
}

function label(x: number, y: number, text: string, more = ""): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${more}>${escaped(text)}</text>`;
}

/** Round numbers from `from` to `to`, at most eight. */
function steps(from: number, to: number): readonly number[] {
  const rough = (to - from) / 7;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10);
  const first = Math.ceil(from / step);
  return Array.from({ length: Math.floor(to / step) - first + 1 }, (_, at) => (first + at) * step);
}

function powers(ceiling: number): readonly number[] {
  return Array.from({ length: Math.round(Math.log10(ceiling)) + 1 }, (_, exponent) => 10 ** exponent);
}

function short(value: number): string {
  return value.toFixed(6).replace(/\.?0+$/, "");
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
