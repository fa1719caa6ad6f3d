import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import { audit, type AuditedAct } from '../accounts/audit.js';
import { DatabasePool } from '../database/database-pool.js';
import { DEFAULT_SETTING, nextAnswerWords, type ReceiverAnswer, type ReceiverSetting } from './receiver-setting.js';
import {
  changeSettingSql,
  settingByPortalCodeStatement,
  settingStatement,
  type SettingRow,
} from './receiver-setting.sql.js';

/** Who does it, for the audit trail. */
type Actor = Pick<AuditedAct, 'organisationId' | 'actor' | 'address'>;

/** How the receivers answer; kept in the database, because the next call may reach another process. */
@Injectable()
export class ReceiverSettings {
  constructor(
    private readonly database: DatabasePool,
    private readonly em: EntityManager,
  ) {}

  async of(organisationId: number): Promise<ReceiverSetting> {
    return settingFrom((await this.database.run<SettingRow>(settingStatement, [organisationId]))[0]);
  }

  /** Null when no organisation has the code. */
  async byPortalCode(portalCode: string): Promise<ReceiverSetting | null> {
    const [row] = await this.database.run<SettingRow>(settingByPortalCodeStatement, [portalCode]);
    return row ? settingFrom(row) : null;
  }

  async change(setting: ReceiverSetting, actor: Actor): Promise<void> {
    const { answer, code, seconds } = setting;
    await this.em.transactional(async (em) => {
      await em.execute(changeSettingSql, [actor.organisationId, answer, code, seconds]);
      await audit(em, { ...actor, action: 'receiver.changed', details: { nextCall: nextAnswerWords(setting) } });
    });
  }
}

function settingFrom(row: SettingRow | undefined): ReceiverSetting {
  return row?.answer
    ? { answer: row.answer as ReceiverAnswer, code: row.code!, seconds: row.seconds! }
    : DEFAULT_SETTING;
}
