import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import type { AccountRequest } from '../accounts/current.js';
import { DatabasePool } from '../database/database-pool.js';
import { portalPage } from '../web/portal-page.js';
import type { FieldProblem } from '../web/problem.js';
import { Segment, SupportGroup } from './directory.entity.js';
import { isCode } from './directory-form.js';
import { directoryKinds, type DirectoryKind } from './directory-kinds.js';
import { ANSWERS_LOOKED_AT, unknownCodes, type UnknownCode } from './unknown-codes.js';

interface Entry {
  id: number;
  code: string;
  name: string;
}
type Typed = Pick<Entry, 'code' | 'name'>;

/** A list's form as it is to be shown: filled in, or as it could not be saved. */
export interface AddForm {
  kind: DirectoryKind;
  typed: Typed;
  errors: FieldProblem[];
}

const EDITORS: readonly string[] = ['admin', 'developer', 'support_lead'];

/** What the views of views/directory show. */
@Injectable()
export class DirectoryPage {
  constructor(
    private readonly em: EntityManager,
    private readonly database: DatabasePool,
  ) {}

  async list(request: AccountRequest, form: AddForm | null) {
    const { id: organisationId } = request.organisation!;
    const order = { orderBy: { code: 'asc' } } as const;
    const unknown = await unknownCodes(this.database, organisationId);
    const mayEdit = EDITORS.includes(request.member!.role);
    return {
      ...portalPage(request, 'Directory', 'directory'),
      mayEdit,
      answersLookedAt: ANSWERS_LOOKED_AT,
      unknown: unknown.map(unknownView),
      sections: [
        sectionView('support-groups', await this.em.find(SupportGroup, { organisationId }, order), form),
        sectionView('segments', await this.em.find(Segment, { organisationId }, order), form),
      ],
    };
  }

  edit(request: AccountRequest, kind: DirectoryKind, saved: Entry, typed: Typed = saved, errors: FieldProblem[] = []) {
    const { one } = directoryKinds[kind];
    return {
      ...portalPage(request, `Edit ${one} ${saved.code}`, 'directory'),
      one,
      savedCode: saved.code,
      action: `/directory/${kind}/${saved.id}`,
      id: 'edit',
      fields: { code: typed.code, name: typed.name },
      errors,
    };
  }
}

function sectionView(kind: DirectoryKind, entries: readonly Entry[], form: AddForm | null) {
  const { title, one } = directoryKinds[kind];
  const own = form?.kind === kind ? form : null;
  return {
    kind,
    id: kind,
    title,
    one,
    entries: entries.map(({ id, code, name }) => ({ code, name, href: `/directory/${kind}/${id}` })),
    fields: own?.typed ?? { code: '', name: '' },
    errors: own?.errors ?? [],
  };
}

function unknownView({ kind, code, count }: UnknownCode) {
  const query = new URLSearchParams({ add: kind, code });
  return {
    one: directoryKinds[kind].one,
    code,
    count,
    addHref: isCode(code) ? `/directory?${query.toString()}#${kind}-add` : null,
  };
}
