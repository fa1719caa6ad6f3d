import { EntityManager } from '@mikro-orm/postgresql';
import { Body, Controller, Get, Param, Post, Query, Render, Req, Res, UseGuards } from '@nestjs/common';
import type { Response } from 'express';
import { actOf, audit } from '../accounts/audit.js';
import type { AccountRequest } from '../accounts/current.js';
import { Roles, RolesGuard } from '../accounts/roles.guard.js';
import { SignedInGuard } from '../accounts/signed-in.guard.js';
import { asTyped, formErrors } from '../web/form-errors.js';
import { flash } from '../web/portal-page.js';
import { notFound } from '../web/problem.js';
import { wholeNumber } from '../web/whole-number.js';
import { readEntry, takenCode } from './directory-form.js';
import { directoryKinds, isDirectoryKind, type DirectoryKind } from './directory-kinds.js';
import { DirectoryPage } from './directory-page.js';

const PATH = '/directory';

/** Support groups and segments: everybody reads, those who work with tickets edit. */
@Controller('directory')
@UseGuards(SignedInGuard, RolesGuard)
export class DirectoryController {
  constructor(
    private readonly em: EntityManager,
    private readonly page: DirectoryPage,
  ) {}

  /** `add` and `code` fill in the form of a list: where "Data errors" lead. */
  @Get()
  @Render('directory/index')
  async index(@Req() request: AccountRequest, @Query() query: unknown) {
    const { add, code } = asTyped(query, ['add', 'code']);
    return this.page.list(request, isDirectoryKind(add) ? { kind: add, typed: { code, name: '' }, errors: [] } : null);
  }

  @Post(':kind')
  @Roles('admin', 'developer', 'support_lead')
  async create(
    @Param('kind') given: string,
    @Body() body: unknown,
    @Req() request: AccountRequest,
    @Res() response: Response,
  ): Promise<void> {
    const kind = kindFrom(given);
    try {
      const entry = readEntry(kind, body);
      const { entity, audited } = directoryKinds[kind];
      await this.save(entry.code, async (em) => {
        em.create<{ organisationId: number; code: string; name: string }>(entity, {
          organisationId: request.organisation!.id,
          ...entry,
        });
        await audit(em, { ...actOf(request), action: `${audited}.added`, target: entry.code, details: entry });
      });
      flash(request, 'success', `${entry.code} is now ${entry.name}, in earlier answers too.`);
      response.redirect(303, `${PATH}#${kind}`);
    } catch (error) {
      const form = { kind, typed: asTyped(body, ['code', 'name']), errors: formErrors(error) };
      response.status(422).render('directory/index', await this.page.list(request, form));
    }
  }

  @Get(':kind/:id')
  @Roles('admin', 'developer', 'support_lead')
  @Render('directory/edit')
  async edit(@Param('kind') given: string, @Param('id') id: string, @Req() request: AccountRequest) {
    const kind = kindFrom(given);
    return this.page.edit(request, kind, await this.find(this.em, request, kind, id));
  }

  @Post(':kind/:id')
  @Roles('admin', 'developer', 'support_lead')
  async update(
    @Param('kind') given: string,
    @Param('id') id: string,
    @Body() body: unknown,
    @Req() request: AccountRequest,
    @Res() response: Response,
  ): Promise<void> {
    const kind = kindFrom(given);
    const saved = await this.find(this.em, request, kind, id);
    const before = { code: saved.code, name: saved.name };
    try {
      const entry = readEntry(kind, body);
      await this.save(entry.code, async (em) => {
        em.assign(await this.find(em, request, kind, id), entry);
        const action = `${directoryKinds[kind].audited}.changed`;
        await audit(em, { ...actOf(request), action, target: before.code, details: { from: before, to: entry } });
      });
      flash(request, 'success', 'Saved.');
      response.redirect(303, `${PATH}#${kind}`);
    } catch (error) {
      const view = this.page.edit(request, kind, saved, asTyped(body, ['code', 'name']), formErrors(error));
      response.status(422).render('directory/edit', view);
    }
  }

  private async save(code: string, work: (em: EntityManager) => Promise<void>): Promise<void> {
    await this.em.transactional(work).catch((error: unknown) => {
      throw takenCode(error, code);
    });
  }

  private async find(em: EntityManager, request: AccountRequest, kind: DirectoryKind, given: string) {
    const id = wholeNumber(given) ?? 0;
    const entry = await em.findOne<DirectoryEntry>(directoryKinds[kind].entity, {
      id,
      organisationId: request.organisation!.id,
    });
    if (!entry) {
      throw notFound(`This ${directoryKinds[kind].one}`);
    }
    return entry;
  }
}

interface DirectoryEntry {
  id: number;
  organisationId: number;
  code: string;
  name: string;
}

function kindFrom(given: string): DirectoryKind {
  if (!isDirectoryKind(given)) {
    throw notFound('This list');
  }
  return given;
}
