const UTC = 'UTC';

/** The time zones that this runtime knows, by region, each with its places in order. */
export function timeZonesByRegion(chosen: string) {
  const regions = Map.groupBy(knownTimeZones(), (zone) => (zone.includes('/') ? zone.split('/')[0]! : 'World'));
  return [...regions].map(([region, zones]) => ({
    region,
    zones: zones.map((zone) => ({ zone, chosen: zone === chosen })),
  }));
}

export function isKnownTimeZone(zone: string): boolean {
  return knownTimeZones().includes(zone);
}

/** UTC is no place, so that the runtime does not list it. */
function knownTimeZones(): string[] {
  return [UTC, ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== UTC)];
}
