import { AsyncLocalStorage } from 'node:async_hooks';
import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
  type Attributes,
  type Context,
  type Span,
  type SpanContext,
  type Tracer,
} from '@opentelemetry/api';
import type { TracerProvider } from '@opentelemetry/sdk-trace';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { productVersion } from '../config/product.js';

/** Longer than that, and a stop would take too long: what is not told by then is not told. */
const LAST_TELLING_MS = 2_000;

/** Something that took its time, told once it is over. Times are `performance.now()`. */
export interface Happening {
  name: string;
  /** What it belongs to, as W3C Trace Context writes it. */
  traceparent: string;
  kind: 'internal' | 'client';
  startedAt: number;
  endedAt: number;
  attributes: Attributes;
  /** What went wrong; null when nothing did. */
  error: string | null;
}

/**
 * Traces for OpenTelemetry, sent by OTLP over HTTP where an endpoint is set; else nothing is made and nothing costs. An
 * event keeps the `traceparent` of the request that made it, so that what follows in other processes, and days later,
 * belongs to one trace.
 */
@Injectable()
export class Traces implements OnApplicationShutdown {
  private readonly tracer: Tracer | null;
  private readonly current = new AsyncLocalStorage<Span>();

  /** @param provider null where no endpoint is set */
  constructor(private readonly provider: TracerProvider | null) {
    this.tracer = provider?.getTracer('answerback', productVersion) ?? null;
  }

  get areOn(): boolean {
    return this.tracer !== null;
  }

  /** The span that the caller works in, as W3C Trace Context writes it. */
  get traceparent(): string | null {
    const span = this.current.getStore();
    return span ? written(span.spanContext()) : null;
  }

  /** Does the work in a span that begins a trace: a request that somebody made. */
  async request<T>(name: string, work: () => Promise<T>): Promise<T> {
    if (!this.tracer) {
      return work();
    }
    const span = this.tracer.startSpan(name, { kind: SpanKind.SERVER }, ROOT_CONTEXT);
    try {
      return await this.current.run(span, work);
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: (error as Error).name });
      throw error;
    } finally {
      span.end();
    }
  }

  /** Tells of what belongs to a trace that began elsewhere. */
  tell({ name, traceparent, kind, startedAt, endedAt, attributes, error }: Happening): void {
    const parent = contextOf(traceparent);
    if (!this.tracer || !parent) {
      return;
    }
    const options = {
      kind: kind === 'client' ? SpanKind.CLIENT : SpanKind.INTERNAL,
      startTime: performance.timeOrigin + startedAt,
      attributes,
    };
    const span = this.tracer.startSpan(name, options, parent);
    if (error !== null) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: error });
    }
    span.end(performance.timeOrigin + endedAt);
  }

  /** Sends what was not sent yet. */
  async flush(): Promise<void> {
    await this.provider?.forceFlush({ timeoutMillis: LAST_TELLING_MS });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.flush().catch(() => undefined);
    await this.provider?.shutdown().catch(() => undefined);
  }
}

function written({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}

/** Null for what was not written by us, or not to be traced. */
function contextOf(traceparent: string): Context | null {
  const [, traceId, spanId, flags] = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(traceparent) ?? [];
  const traceFlags = Number.parseInt(flags ?? '0', 16);
  return traceId && spanId && (traceFlags & TraceFlags.SAMPLED) !== 0
    ? trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true })
    : null;
}
