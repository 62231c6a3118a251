'use strict';

// Makes an OpenTelemetry span of each chat, with model, tokens and cost. Its parent is the span that is active at the call.
const diagnostics = require('node:diagnostics_channel');

const { SpanKind, SpanStatusCode, context, trace } = require('@opentelemetry/api');
const { AsyncLocalStorageContextManager } = require('@opentelemetry/context-async-hooks');
const { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } = require('@opentelemetry/sdk-trace-base');

/** Makes spans of the client's diagnostics events. `time` is in epoch milliseconds, `attributes` are OpenTelemetry's. */
function traceOpenRouter(tracer) {
  const spans = new Map();
  const on = (name, take) => diagnostics.subscribe(`openrouter:${name}`, take);
  const end = (call, time) => {
    spans.get(call)?.end(time);
    spans.delete(call);
  };
  on('request', ({ call, time, method, url, model, attributes }) => {
    const name = model ? `chat ${model}` : `${method} ${new URL(url).pathname}`;
    if (!spans.has(call)) spans.set(call, tracer.startSpan(name, { kind: SpanKind.CLIENT, startTime: time, attributes }));
  });
  on('response', ({ call, time, stream, attributes }) => {
    spans.get(call)?.setAttributes(attributes);
    if (!stream) end(call, time);
  });
  on('stream:end', ({ call, time, attributes }) => {
    spans.get(call)?.setAttributes(attributes);
    end(call, time);
  });
  on('error', ({ call, time, message, attributes }) => {
    spans.get(call)?.setAttributes(attributes).setStatus({ code: SpanStatusCode.ERROR, message });
    end(call, time);
  });
}

async function main() {
  const { OpenRouterClient } = require('openrouter-native');
  const emulator = process.env.OPENROUTER_API_KEY ? null : await require('openrouter-native/emulator').startEmulator();
  const client = new OpenRouterClient(process.env.OPENROUTER_API_KEY ?? 'sk-or-v1-example', emulator ? { baseURL: emulator.baseURL } : {});

  const exporter = new InMemorySpanExporter(); // replace it by an exporter that sends to your collector
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const tracer = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).getTracer('example');
  traceOpenRouter(tracer);

  await context.with(trace.setSpan(context.active(), tracer.startSpan('a turn')), async () => {
    const messages = [{ role: 'user', content: 'Why is the sky blue?' }];
    const stream = await client.chatCompletion({ model: 'openai/gpt-5-mini', messages, stream: true });
    await stream.finalCompletion();
  });
  await new Promise((resolve) => setImmediate(resolve)); // the last event is published right after the answer
  for (const { name, attributes } of exporter.getFinishedSpans()) console.log(name, attributes);
  await emulator?.close();
}

if (require.main === module) {
  main().catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
module.exports.traceOpenRouter = traceOpenRouter;
