import { setTimeout as sleep } from 'node:timers/promises';
import { Deadline } from './deadline.js';

function listening(ms: number): { deadline: Deadline; heard: string[]; listener: () => void } {
  const deadline = new Deadline(ms);
  const heard: string[] = [];
  const listener = (): void => void heard.push('first');
  deadline.addEventListener('abort', listener);
  deadline.addEventListener('abort', () => void heard.push('second'));
  return { deadline, heard, listener };
}

describe('a deadline', () => {
  it('tells everyone who listens, once, that the time is over', async () => {
    const { deadline, heard } = listening(20);
    expect(deadline.aborted).toBe(false);

    await sleep(60);

    expect(heard).toEqual(['first', 'second']);
    expect(deadline.aborted).toBe(true);
    expect(deadline.reason).toMatchObject({ name: 'TimeoutError' });
  });

  it('tells nobody who listens no longer', async () => {
    const { deadline, heard, listener } = listening(20);
    deadline.removeEventListener('abort', listener);
    deadline.removeEventListener('abort', listener);

    await sleep(60);

    expect(heard).toEqual(['second']);
  });

  it('never fires once it was cleared', async () => {
    const { deadline, heard } = listening(20);
    deadline.clear();

    await sleep(60);

    expect(heard).toEqual([]);
    expect(deadline.aborted).toBe(false);
  });
});
