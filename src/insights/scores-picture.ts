import type { DayCounts } from './daily-scores.js';

/** In the picture's own units. */
const WIDTH = 600;
const HEIGHT = 176;
const LEFT = 46;
const TOP = 20;
const FLOOR = 142;

/** A bar for each day, its bands upon each other: detractors at the bottom, where they are compared best. */
export function scoresPicture(days: readonly DayCounts[], dayWords: (day: string) => string) {
  const top = niceTop(Math.max(...days.map(totalOf), 1));
  const step = (WIDTH - LEFT) / days.length;
  const heightOf = (count: number) => round((count / top) * (FLOOR - TOP));
  return {
    width: WIDTH,
    height: HEIGHT,
    left: LEFT,
    floor: FLOOR,
    lines: [top, top / 2]
      .filter(Number.isInteger)
      .map((count) => ({ y: FLOOR - heightOf(count), label: String(count) })),
    labels: days.flatMap(({ day }, index) => labelOf(day, index, days.length, LEFT + (index + 0.5) * step, dayWords)),
    bars: days.flatMap((counts, index) => {
      const x = round(LEFT + index * step + step * 0.15);
      const width = round(step * 0.7);
      let floor = FLOOR;
      return bandsUpwards.flatMap(({ band, count }) => {
        const height = heightOf(counts[count]);
        floor = round(floor - height);
        return height === 0 ? [] : [{ band, x, y: floor, width, height }];
      });
    }),
  };
}

export function totalOf({ promoters, passives, detractors }: Omit<DayCounts, 'day'>): number {
  return promoters + passives + detractors;
}

const bandsUpwards = [
  { band: 'detractor', count: 'detractors' },
  { band: 'passive', count: 'passives' },
  { band: 'promoter', count: 'promoters' },
] as const;

/** Each seventh day, counted back from the last; every second of them only where there is room. */
function labelOf(day: string, index: number, days: number, x: number, dayWords: (day: string) => string) {
  const back = days - 1 - index;
  const place = back === 0 ? { x: WIDTH, anchor: 'end' } : { x: round(x), anchor: 'middle' };
  return back % 7 === 0 ? [{ ...place, label: dayWords(day), isMinor: back % 14 !== 0 }] : [];
}

/** The next of 2, 4, 10, 20, 40, 100, …: even, so that the line half-way is a whole number too. */
function niceTop(highest: number): number {
  for (let power = 1; ; power *= 10) {
    const found = [2, 4, 10].find((factor) => factor * power >= highest);
    if (found !== undefined) {
      return found * power;
    }
  }
}

function round(units: number): number {
  return Math.round(units * 10) / 10;
}
