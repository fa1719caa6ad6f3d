import { withReal } from './documents.js';
import { startShell, type RunningShell } from './documents-run.js';
import { eventually } from './eventually.js';
import { sendForm } from './survey-visit.js';

/** A copy of an installation, brought back from a backup. */
export interface Drill extends RunningShell {
  /** Fails unless a survey's link, made before the backup, opens the survey and takes an answer. */
  expectSurvey(path: string): Promise<void>;
}

/** Runs the commands of a restore, the last of which starts the copy, and waits until it listens. */
export async function startDrill(commands: string, port: number): Promise<Drill> {
  const shell = startShell(withReal(commands, { 'PORT=3002': `PORT=${port}` }), {});
  await eventually(() => shell.hasEnded() || shell.output().includes('Answerback listens on'), 100_000);
  if (shell.hasEnded()) {
    throw new Error(`The drill ended early:\n${shell.output()}`);
  }
  return {
    ...shell,
    expectSurvey: async (path) => {
      const page = await fetch(`http://localhost:${port}${path}`);
      expect(page.status).toBe(200);
      expect(await page.text()).toContain('name="overall"');
      const answered = await sendForm(`http://localhost:${port}${path}`, [['overall', '8']]);
      expect(answered.status).toBe(303);
    },
  };
}
