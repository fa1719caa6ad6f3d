import type { Response } from 'express';
import { HANG_LIMIT_S, type ReceiverSetting } from './receiver-setting.js';

/**
 * Answers a call as the setting says, or does not. Resolves when nothing more will happen to it.
 *
 * @param stopping ends every wait: what hangs must not hold up the end of the process
 */
export async function giveAnswer(response: Response, setting: ReceiverSetting, stopping: AbortSignal): Promise<void> {
  switch (setting.answer) {
    case 'hang':
      await untilGone(response, HANG_LIMIT_S, stopping);
      response.socket?.destroy();
      return;
    case 'reset':
      response.socket?.resetAndDestroy();
      return;
    case 'slow':
      await untilGone(response, setting.seconds, stopping);
      answer(response, 200);
      return;
    default:
      answer(response, codes[setting.answer] ?? setting.code);
  }
}

const codes: Readonly<Record<string, number>> = { ok: 200, error: 500 };

function answer(response: Response, code: number): void {
  if (!response.destroyed) {
    response.status(code).json({ received: true });
  }
}

/** So many seconds, or until the caller hangs up or the process ends. */
async function untilGone(response: Response, seconds: number, stopping: AbortSignal): Promise<void> {
  if (stopping.aborted || response.destroyed) {
    return;
  }
  await new Promise<void>((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      response.off('close', finish);
      stopping.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, seconds * 1000);
    response.once('close', finish);
    stopping.addEventListener('abort', finish, { once: true });
  });
}
