import { Injectable } from '@nestjs/common';
import type { z } from 'zod';

/** A header of the calls that receivers get. */
export interface ApiHeader {
  name: string;
  description: string;
  required: boolean;
  /** A regular expression of its whole value. */
  pattern: string;
  example: string;
}

export interface ApiWebhookExample {
  name: string;
  summary: string;
  value: unknown;
}

/** A call that we make, for whoever writes its receiver. */
export interface ApiWebhook {
  /** Never changes: generated receivers name their functions after it. */
  id: string;
  summary: string;
  /** CommonMark. */
  description: string;
  headers: readonly ApiHeader[];
  bodyDescription: string;
  /** The body is one of these. */
  bodies: readonly z.ZodType[];
  examples: readonly ApiWebhookExample[];
  /** What counts as success, and what becomes of every other answer. */
  success: { status: number; description: string };
  otherwise: string;
}

/** The webhooks of the API's description. The room that has one registers it when its module starts. */
@Injectable()
export class ApiWebhooks {
  private readonly known: (() => ApiWebhook)[] = [];

  /** @param describe asked when every room has started */
  register(describe: () => ApiWebhook): void {
    this.known.push(describe);
  }

  all(): ApiWebhook[] {
    return this.known.map((describe) => describe());
  }
}
