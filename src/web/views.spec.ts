import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import request from 'supertest';
import { surveyQuestions, surveyWording } from '../answering/survey-wording.js';
import { accountPages } from '../../test/support/account-pages.js';
import { apiPages } from '../../test/support/api-pages.js';
import { insightPages } from '../../test/support/insight-pages.js';
import { logPages } from '../../test/support/log-pages.js';
import { preferencesPages } from '../../test/support/preferences-pages.js';
import { configureViews } from './views.js';

@Module({})
class Nothing {}

type Model = Record<string, unknown>;

let app: NestExpressApplication;

beforeAll(async () => {
  app = await NestFactory.create<NestExpressApplication>(Nothing, { logger: false });
  configureViews(app);
  await app.init();
});
afterAll(() => app.close());

const viewsRoot = join(import.meta.dirname, '..', '..', 'views');
const hostile = `"><script>alert('x')</script>&`;

const wording = surveyWording('en');
const survey = {
  wording,
  language: wording.language,
  organisationName: 'DemoCorp',
  surveyDescription: 'Survey for DemoCorp',
  ticket: { id: 'INC123456', supportGroupName: 'Service Desk' },
  action: '/s/token',
  hidden: [{ name: 'form', value: 'one-time' }],
  ...surveyQuestions(wording, { overall: null, factors: [] }),
  comments: 'First line\n  second line',
  replaces: false,
  errors: [] as { field: string; message: string }[],
};

const portal = {
  title: 'Webhook Log',
  organisationName: 'DemoCorp',
  memberEmail: 'admin@example.com',
  csrfToken: 'csrf',
  flash: [{ kind: 'notice', text: 'Sent again' }],
  notices: [{ text: 'The webhook “Tickets” was switched off.', href: '/webhooks/7', link: 'See to it' }],
  nav: { webhookLog: true, receiver: false },
};

const pages: Record<string, Model> = {
  'answering/show': {
    ...survey,
    replaces: true,
    errors: ['overall', 'factors', 'comments', 'form'].map((field) => ({ field, message: 'Look here' })),
  },
  'answering/thank-you': {
    wording,
    language: wording.language,
    organisationName: 'DemoCorp',
    surveyDescription: 'Survey for DemoCorp',
    thankYouText: 'We read every answer.',
    replaced: true,
    changeUrl: '/s/token',
  },
  'answering/unavailable': { language: wording.language, title: 'Closed', message: 'Too late', hint: 'Call us' },
  ...accountPages(portal),
  'sign-in/show': {
    ...portal,
    email: 'admin@example.com',
    error: 'Not right',
    wait: '30 seconds',
    returnTo: '/webhook-log',
  },
  'errors/error': { ...portal, status: 404, message: 'Nothing is here' },
  ...logPages(portal),
  ...apiPages,
  ...insightPages(portal),
  ...preferencesPages(portal),
};

/** These choose what is drawn, so their values are not text. */
const switches = new Set(['statusKind', 'kind', 'field', 'direction']);

describe('every page', () => {
  it('has a sample here', () => {
    const templates = readdirSync(viewsRoot, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.hbs') && !path.startsWith('layouts') && !/[\\/]_/.test(path))
      .map((path) => path.slice(0, -'.hbs'.length).replaceAll('\\', '/'));
    expect(templates.toSorted()).toEqual(Object.keys(pages).toSorted());
  });

  it('is written without a triple-stash, an inline style or an inline script', () => {
    for (const path of readdirSync(viewsRoot, { recursive: true, encoding: 'utf8' })) {
      if (!path.endsWith('.hbs')) continue;
      expect(readFileSync(join(viewsRoot, path), 'utf8')).not.toMatch(/\{\{\{|\{\{&|<style|style=|<script>|\son\w+=/);
    }
  });

  it.each(Object.entries(pages))('%s escapes HTML in every text it is given', async (page, sample) => {
    for (const { where, model } of withHostileText(sample)) {
      const html = await render(page, model);
      expect({ where, raw: html.includes('<script>alert') }).toEqual({ where, raw: false });
      expect({ where, quoted: html.includes('"&gt;&lt;script') }).toEqual({ where, quoted: false });
    }
  });

  it.each(Object.entries(pages))('%s shows every text it is given', async (page, sample) => {
    const unshown = [];
    for (const { where, model } of withHostileText(sample)) {
      if (!(await render(page, model)).includes('&lt;script&gt;alert')) unshown.push(where);
    }
    expect(unshown.filter((where) => !notShown.test(where))).toEqual([]);
  });
});

/** Wording of other states of the page, and a language name that only the payload says. */
const notShown = /^(wording|language\.englishName)/;

describe('the survey page', () => {
  it('asks with native controls under the names and values the payload uses', async () => {
    const html = await render('answering/show', survey);
    const inputs = html.match(/<input[^>]*>/g) ?? [];
    const values = (type: string, name: string) =>
      inputs
        .filter((input) => input.includes(`type="${type}"`) && input.includes(`name="${name}"`))
        .map((input) => /value="([^"]*)"/.exec(input)?.[1]);
    expect(values('radio', 'overall')).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '10']);
    expect(values('checkbox', 'factors')).toEqual(
      'Responsiveness Interpersonal Knowledge Communication Speed Confirmation Effort Other'.split(' '),
    );
    expect(values('hidden', 'form')).toEqual(['one-time']);
    expect(html).toContain('<textarea id="comments" name="comments"');
    expect(html).toMatch(/<fieldset[^>]*>\s*<legend/);
    expect(inputs.filter((input) => / checked/.test(input))).toEqual([]);
  });

  it('keeps the line breaks of a comment, also a first one, without indenting them', async () => {
    const html = await render('answering/show', { ...survey, comments: '\nFirst\n  second' });
    expect(html).toContain('>\n\nFirst\n  second</textarea>');
  });

  it.each([
    [null, 'What influenced your score?'],
    [0, 'What should we have done better?'],
    [8, 'What should we have done better?'],
    [9, 'What did we do well?'],
  ])('with score %s chosen, asks "%s"', async (overall, question) => {
    const html = await render('answering/show', {
      ...survey,
      ...surveyQuestions(wording, { overall, factors: ['Speed'] }),
    });
    expect(html).toContain(`>${question}</span>`);
    expect(/value="Speed"[^>]* checked/.test(html)).toBe(true);
    if (overall !== null) expect(html).toMatch(new RegExp(`value="${overall}"[^>]* checked`));
  });

  it('marks the field with an error and links to it from the top', async () => {
    const errors = [{ field: 'overall', message: 'Choose a score' }];
    const html = await render('answering/show', { ...survey, errors });
    expect(html).toContain('<a href="#overall">Choose a score</a>');
    expect(html).toMatch(/<fieldset[^>]*aria-invalid="true"/);
    expect(html).toContain('<span class="error">Choose a score</span>');
  });

  it('is under 20 KB with its stylesheet and script', async () => {
    const html = await render('answering/show', survey);
    const assets = await Promise.all(
      ['survey.css', 'survey.js'].map((name) => request(app.getHttpServer()).get(`/assets/${name}`).expect(200)),
    );
    const sizes = [html, ...assets.map((reply) => reply.text ?? reply.body.toString())].map((text) =>
      Buffer.byteLength(text),
    );
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(20_000);
  });
});

describe('an asset', () => {
  it('is kept for good under the address its content names, and asked for again under any other', async () => {
    const html = await render('answering/show', survey);
    const address = /href="(\/assets\/survey\.css\?[\w-]+)"/.exec(html)?.[1] ?? '';
    const kept = await request(app.getHttpServer()).get(address).expect(200);
    expect(kept.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    const other = await request(app.getHttpServer()).get('/assets/survey.css?another').expect(200);
    expect(other.headers['cache-control']).toBe('no-cache');
  });
});

function render(page: string, model: Model): Promise<string> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, html: string) => (error ? reject(error) : resolve(html));
    app.getHttpAdapter().getInstance().render(page, model, done);
  });
}

/** The model once for each of its texts, with that text made hostile. */
function withHostileText(model: Model): { where: string; model: Model }[] {
  const paths: string[] = [];
  rewriteTexts(model, (path, text) => {
    paths.push(path);
    return text;
  });
  return paths.map((where) => ({
    where,
    model: rewriteTexts(model, (path, text) => (path === where ? hostile : text)),
  }));
}

/** A copy with every text replaced; what chooses the drawing stays, functions included. */
function rewriteTexts(model: Model, replace: (path: string, text: string) => string): Model {
  const rewrite = (value: unknown, path: string): unknown => {
    if (typeof value === 'string') return switches.has(path.split('.').at(-1) ?? '') ? value : replace(path, value);
    if (Array.isArray(value)) return value.map((inner, index) => rewrite(inner, `${path}.${index}`));
    return value !== null && typeof value === 'object' ? rewriteEach(value, `${path}.`) : value;
  };
  const rewriteEach = (value: object, prefix: string): Model =>
    Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, rewrite(inner, prefix + key)]));
  return rewriteEach(model, '');
}
