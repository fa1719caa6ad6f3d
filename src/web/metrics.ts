import { Injectable } from '@nestjs/common';
import { collectDefaultMetrics, Registry } from 'prom-client';

/** What this process counts and measures, for Prometheus. Rooms make their own metrics in its registry. */
@Injectable()
export class Metrics {
  readonly registry = new Registry();

  constructor() {
    // Memory, CPU and the event loop's lag, under the names that every Node process gives them.
    collectDefaultMetrics({ register: this.registry });
  }
}
