/** Prints what was measured as a table, and keeps it as JSON in bench/results. */
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';

/** @param rows one object a line; the keys of the first are the columns */
export function printTable(rows) {
  const columns = Object.keys(rows[0]);
  const cells = [columns, ...rows.map((row) => columns.map((column) => String(row[column] ?? '')))];
  const widths = columns.map((_column, index) => Math.max(...cells.map((line) => line[index].length)));
  const lines = cells.map((line) => line.map((cell, index) => pad(cell, widths[index], index === 0)).join('  '));
  process.stdout.write(`\n${lines.join('\n')}\n\n`);
}

export async function keepResult(name, result) {
  const folder = join(import.meta.dirname, '..', 'results');
  await mkdir(folder, { recursive: true });
  const file = join(folder, `${name}.json`);
  const machine = { cores: cpus().length, processor: cpus()[0].model, node: process.version };
  await writeFile(
    file,
    `${JSON.stringify({ name, measuredAt: new Date().toISOString(), machine, ...result }, null, 2)}\n`,
  );
  process.stdout.write(`Kept in bench/results/${name}.json\n`);
}

export function say(text) {
  process.stdout.write(`${text}\n`);
}

/** The middle one; of two, the smaller. */
export function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)];
}

/**
 * How many times the one is of the other, as they were measured side by side: the median of the rounds. A machine that others
 * share is not as fast in one round as in the next, and medians of each by itself may be of different rounds.
 *
 * @param measured what was measured, each with its `round`
 * @param one, other tell whether something measured is of the one, or of the other
 */
export function ratioByRound(measured, key, one, other) {
  return median(
    measured.filter(one).map((mine) => {
      const beside = measured.find((candidate) => other(candidate) && candidate.round === mine.round);
      return mine[key] / beside[key];
    }),
  );
}

function pad(text, width, isFirst) {
  return isFirst ? text.padEnd(width) : text.padStart(width);
}
