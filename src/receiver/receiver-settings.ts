import { Injectable } from '@nestjs/common';
import { DatabasePool } from '../database/database-pool.js';
import { DEFAULT_SETTING, type ReceiverAnswer, type ReceiverSetting } from './receiver-setting.js';
import {
  changeSettingStatement,
  settingByPortalCodeStatement,
  settingStatement,
  type SettingRow,
} from './receiver-setting.sql.js';

/** How the receivers answer; kept in the database, because the next call may reach another process. */
@Injectable()
export class ReceiverSettings {
  constructor(private readonly database: DatabasePool) {}

  async of(organisationId: number): Promise<ReceiverSetting> {
    return settingFrom((await this.database.run<SettingRow>(settingStatement, [organisationId]))[0]);
  }

  /** Null when no organisation has the code. */
  async byPortalCode(portalCode: string): Promise<ReceiverSetting | null> {
    const [row] = await this.database.run<SettingRow>(settingByPortalCodeStatement, [portalCode]);
    return row ? settingFrom(row) : null;
  }

  async change(organisationId: number, { answer, code, seconds }: ReceiverSetting): Promise<void> {
    await this.database.run(changeSettingStatement, [organisationId, answer, code, seconds]);
  }
}

function settingFrom(row: SettingRow | undefined): ReceiverSetting {
  return row?.answer
    ? { answer: row.answer as ReceiverAnswer, code: row.code!, seconds: row.seconds! }
    : DEFAULT_SETTING;
}
