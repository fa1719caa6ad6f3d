import { defineEntity, p } from '@mikro-orm/core';
import type { DeliveryPolicy, RequestDefinition, Trigger } from './webhook-definition.js';

export const presets = ['transactional_survey', 'relationship_survey'] as const;
export type Preset = (typeof presets)[number];

const WebhookSchema = defineEntity({
  name: 'Webhook',
  tableName: 'webhook',
  properties: {
    id: p.bigint('number').primary(),
    organisationId: p.bigint('number'),
    name: p.text(),
    preset: p.enum(presets).nullable(),
    enabled: p.boolean().default(false),
    trigger: p.json<Trigger>(),
    request: p.json<RequestDefinition>(),
    policy: p.json<DeliveryPolicy>(),
    maximumConcurrency: p.integer().default(16),
    authorizationId: p.bigint('number').nullable(),
    switchedOffAt: p.datetime().nullable(),
    switchedOffBecause: p.enum(['gone', 'failing'] as const).nullable(),
    createdAt: p.datetime().onCreate(() => new Date()),
    deletedAt: p.datetime().nullable(),
  },
});

/** A trigger, a request, an authorization and a delivery policy. */
export class Webhook extends WebhookSchema.class {
  /** By a person, which settles what had switched it off by itself. */
  switch(enabled: boolean): void {
    this.enabled = enabled;
    this.switchedOffAt = null;
    this.switchedOffBecause = null;
  }
}
WebhookSchema.setClass(Webhook);

const WebhookAuthorizationSchema = defineEntity({
  name: 'WebhookAuthorization',
  tableName: 'webhook_authorization',
  properties: {
    id: p.bigint('number').primary(),
    organisationId: p.bigint('number'),
    name: p.text(),
    kind: p.enum(['basic'] as const),
    username: p.text(),
    passwordEncrypted: p.text().nullable().hidden(),
    createdAt: p.datetime().onCreate(() => new Date()),
  },
});

/** A named set of credentials; what is secret in it is encrypted. */
export class WebhookAuthorization extends WebhookAuthorizationSchema.class {}
WebhookAuthorizationSchema.setClass(WebhookAuthorization);

const SigningSecretSchema = defineEntity({
  name: 'SigningSecret',
  tableName: 'signing_secret',
  properties: {
    id: p.bigint('number').primary(),
    organisationId: p.bigint('number'),
    webhookId: p.bigint('number'),
    secretEncrypted: p.text().nullable().hidden(),
    createdAt: p.datetime().onCreate(() => new Date()),
    expiresAt: p.datetime().nullable(),
  },
});

/** A secret that signs a webhook's calls. Several sign side by side while one replaces another. */
export class SigningSecret extends SigningSecretSchema.class {}
SigningSecretSchema.setClass(SigningSecret);
