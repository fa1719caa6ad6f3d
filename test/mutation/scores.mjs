import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { reportFolder, rooms } from './rooms.mjs';

/** What is known of each room as a table, an interrupted run included; rooms that were never mutated are left out. */
export function scoreTable() {
  const counted = Object.keys(rooms)
    .filter((room) => existsSync(reportOf(room)))
    .map((room) => ({ name: room, counts: countsOf(room) }));
  const total = { name: 'together', counts: sum(counted.map(({ counts }) => counts)) };
  return [
    '| room | tested | score | killed | timeout | survived | no coverage | not valid |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...[...counted, total].map(({ name, counts }) => row(name, counts)),
    '',
  ].join('\n');
}

function reportOf(room) {
  return join(reportFolder(room), 'incremental.json');
}

function countsOf(room) {
  const { files } = JSON.parse(readFileSync(reportOf(room), 'utf8'));
  const mutants = Object.values(files).flatMap((file) => file.mutants);
  const count = (...statuses) => mutants.filter(({ status }) => statuses.includes(status)).length;
  return {
    killed: count('Killed'),
    timeout: count('Timeout'),
    survived: count('Survived'),
    noCoverage: count('NoCoverage'),
    notValid: count('RuntimeError', 'CompileError'),
  };
}

function sum(all) {
  const keys = ['killed', 'timeout', 'survived', 'noCoverage', 'notValid'];
  return Object.fromEntries(keys.map((key) => [key, all.reduce((total, counts) => total + counts[key], 0)]));
}

function row(name, { killed, timeout, survived, noCoverage, notValid }) {
  const valid = killed + timeout + survived + noCoverage;
  const score = valid === 0 ? '-' : `${((100 * (killed + timeout)) / valid).toFixed(1)} %`;
  return `| ${[name, valid + notValid, score, killed, timeout, survived, noCoverage, notValid].join(' | ')} |`;
}
