import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider, type SpanExporter } from '@opentelemetry/sdk-trace';
import { Logger } from '@nestjs/common';
import { productVersion } from '../config/product.js';

const COMPLAINT_MS = 60_000;

/** Sends spans to a collector in batches. @param endpoint its base address, without a trailing slash */
export function providerFor(endpoint: string): TracerProvider {
  return new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'answerback', 'service.version': productVersion }),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: complaining(new OTLPTraceExporter({ url: `${endpoint}/v1/traces`, timeoutMillis: 10_000 })),
        scheduledDelayMillis: 1_000,
        exportTimeoutMillis: 15_000,
      }),
    ],
  });
}

/** Whoever set an endpoint wants to hear when nothing arrives there; but not for each batch. */
function complaining(exporter: SpanExporter): SpanExporter {
  const logger = new Logger('Traces');
  let complainedAt = -Infinity;
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        if (result.error && performance.now() - complainedAt > COMPLAINT_MS) {
          complainedAt = performance.now();
          logger.warn(`Traces do not arrive at OTEL_EXPORTER_OTLP_ENDPOINT: ${result.error.message}`);
        }
        done(result);
      });
    },
    shutdown: () => exporter.shutdown(),
    forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
  };
}
